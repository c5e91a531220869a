/** A token server with its API as a test describes it: what it is asked, what it answers, and what it counts. */

/** A request, its path counted from the stand's own address. */
export interface Question {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: unknown;
  /** Whether pages of other origins may read it. Default `true`. */
  readonly isShared?: boolean;
  /** Milliseconds that the server thinks about it. */
  readonly after?: number;
}

export interface Settings {
  /** Seconds that an access token lives. */
  readonly life: number;
  /** Keycloak's "Refresh Token Max Reuse". Absent: refresh tokens are not revoked by use. */
  readonly maxReuse?: number;
  /** A refresh gives a new refresh token. Default `true`. */
  readonly isRotating?: boolean;
  /** An expired bearer makes the server fail with a bare 500 that no page of another origin can read. */
  readonly failsOnExpired?: boolean;
}

/** What has been asked of the stand. */
export interface Counts {
  rotations: number;
  /** Refresh tokens that were presented once too often. */
  reuses: number;
  logouts: number;
  /** Calls of the API with a good token, and without any. */
  good: number;
  anonymous: number;
  /** The age in milliseconds of each token that the API refused. */
  readonly refused: number[];
}

export interface Stand {
  readonly login: () => unknown;
  readonly answer: (question: Question) => Answer;
  /** Whether the question is one for the next tokens: those can be lost. */
  readonly isRotation: (question: Question) => boolean;
}

export type Build = (settings: Settings, counts: Counts) => Stand;

/** The access tokens of a stand. */
export interface AccessTokens {
  readonly mint: () => string;
  /** What the bearer token of a question is worth. Counts it. */
  readonly judge: (question: Question) => 'good' | 'expired' | 'unknown' | 'none';
}

export function createAccessTokens(life: number, counts: Counts): AccessTokens {
  const born = new Map<string, number>();
  return {
    mint: () => {
      const token = `access-${born.size + 1}`;
      born.set(token, Date.now());
      return token;
    },
    judge: ({ headers }) => {
      const token = bearerOf(headers['authorization']);
      if (token === undefined) {
        counts.anonymous += 1;
        return 'none';
      }
      const age = Date.now() - (born.get(token) ?? Number.NaN);
      if (age <= life * 1_000) counts.good += 1;
      else counts.refused.push(age);
      return Number.isNaN(age) ? 'unknown' : age <= life * 1_000 ? 'good' : 'expired';
    },
  };
}

export function bearerOf(authorization: string | string[] | undefined): string | undefined {
  return typeof authorization === 'string' ? /^bearer (.+)$/i.exec(authorization)?.[1] : undefined;
}

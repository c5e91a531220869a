/** What a fake server has given out: sign-ins, each with refresh tokens that work once and access tokens that die. */

/** The tokens of one answer. */
export interface Issued {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly user: string | undefined;
}

/** The memory of an authorization server. */
export interface Grants {
  /** Signs somebody in. */
  readonly begin: (user: string | undefined) => Issued;
  /** The next tokens for a refresh token that is good. One that was used before ends its sign-in. */
  readonly exchange: (refreshToken: string) => Issued | undefined;
  /** Ends the sign-in of a refresh token, or takes back an access token (RFC 7009). */
  readonly revoke: (token: string) => void;
  /** Whose access token it is, while it is good. */
  readonly find: (accessToken: string) => Pick<Issued, 'user'> | undefined;
  /** Takes back all access tokens. */
  readonly expire: () => void;
  /** Ends all sign-ins. */
  readonly end: () => void;
  /** How often refresh tokens were exchanged. */
  readonly rotations: () => number;
  /** How often used ones were presented again. */
  readonly reuses: () => number;
}

interface Grant {
  readonly user: string | undefined;
  /** The one that is good. */
  refreshToken: string;
  isOver: boolean;
}

/** @param life Of access tokens, in milliseconds. */
export function createGrants(now: () => number, life: number): Grants {
  let count = 0;
  let reuses = 0;
  let rotations = 0;
  const refresh = new Map<string, Grant>();
  const access = new Map<string, { readonly grant: Grant; readonly until: number }>();

  function issue(grant: Grant): Issued {
    count += 1;
    const accessToken = `access-${count}`;
    grant.refreshToken = `refresh-${count}`;
    refresh.set(grant.refreshToken, grant);
    access.set(accessToken, { grant, until: now() + life });
    return { accessToken, refreshToken: grant.refreshToken, user: grant.user };
  }

  return {
    begin: (user) => issue({ user, refreshToken: '', isOver: false }),
    exchange: (refreshToken) => {
      const grant = refresh.get(refreshToken);
      if (grant === undefined || grant.isOver) return undefined;
      if (grant.refreshToken !== refreshToken) {
        reuses += 1;
        grant.isOver = true;
        return undefined;
      }
      rotations += 1;
      return issue(grant);
    },
    revoke: (token) => {
      const grant = refresh.get(token);
      if (grant !== undefined) grant.isOver = true;
      access.delete(token);
    },
    find: (accessToken) => {
      const { grant, until = 0 } = access.get(accessToken) ?? {};
      return grant === undefined || grant.isOver || until <= now() ? undefined : { user: grant.user };
    },
    expire: () => access.clear(),
    end: () => {
      for (const grant of refresh.values()) grant.isOver = true;
    },
    rotations: () => rotations,
    reuses: () => reuses,
  };
}

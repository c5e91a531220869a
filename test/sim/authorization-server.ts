/** An authorization server: grants, the tokens they gave, and what it does when a refresh token is used twice. */
import type { Random } from './random.ts';
import type { Timeline } from './timeline.ts';

/** What a second use of a refresh token does. */
export type Rule =
  /** It ends the grant. */
  | { readonly name: 'strict' }
  /** It works so many seconds after the first, as long as no later token was used; then it ends the grant. */
  | { readonly name: 'grace'; readonly seconds: number }
  /** It works so many times, then it ends the grant. */
  | { readonly name: 'max-reuse'; readonly times: number }
  /** The parent of the active token gives the active one again; one before it ends the grant. */
  | { readonly name: 'parent-of-active' }
  /** It works: the token is never replaced. */
  | { readonly name: 'non-rotating' }
  /** It ends all grants of the user, on all devices. */
  | { readonly name: 'folio' };

export interface Grant {
  readonly id: number;
  readonly user: string;
  readonly refreshTokens: RefreshToken[];
  /** Why the server knows it no more. */
  end: undefined | 'revoked' | 'withdrawn' | 'reused';
  /** Whose second use ended it, where that ends more than one. */
  endedBy: Grant | undefined;
  /** On a device of the user that is not the machine. */
  readonly isElsewhere: boolean;
}

export interface RefreshToken {
  readonly value: string;
  readonly grant: Grant;
  readonly parent: RefreshToken | undefined;
  readonly expiresAt: number;
  uses: number;
  usedAt: number | undefined;
}

export interface AccessToken {
  readonly value: string;
  readonly grant: Grant;
  /** What came with it. */
  readonly refreshToken: RefreshToken;
  readonly expiresAt: number;
}

export interface TokenAnswer {
  readonly status: 200 | 400;
  readonly body: Readonly<Record<string, unknown>>;
  readonly accessToken?: AccessToken;
}

export interface AuthorizationServer {
  /** Somebody signs in. */
  readonly login: (user: string) => {
    readonly response: Readonly<Record<string, unknown>>;
    readonly accessToken: AccessToken;
  };
  readonly exchange: (refreshToken: string) => TokenAnswer;
  readonly revoke: (refreshToken: string) => void;
  /** An administrator ends the grant. */
  readonly withdraw: (grant: Grant) => void;
  /** All access tokens given so far are refused. */
  readonly replaceKeys: () => void;
  readonly accepts: (accessToken: AccessToken) => boolean;
  readonly accessToken: (value: string) => AccessToken | undefined;
  readonly refreshToken: (value: string) => RefreshToken | undefined;
  readonly grants: () => readonly Grant[];
}

export interface AuthorizationServerOptions {
  readonly timeline: Timeline;
  readonly random: Random;
  readonly rule: Rule;
  /** Seconds. */
  readonly life: number;
  readonly refreshLife: number | undefined;
  /** Whether access tokens are JWTs that say who it is. */
  readonly areReadable: boolean;
}

const ISSUER = 'https://as.example.com';

export function createAuthorizationServer(options: AuthorizationServerOptions): AuthorizationServer {
  const { areReadable, life, random, refreshLife, rule, timeline } = options;
  const accessTokens = new Map<string, AccessToken>();
  const refreshTokens = new Map<string, RefreshToken>();
  const refused = new Set<AccessToken>();
  const grants: Grant[] = [];
  const REFUSED: TokenAnswer = { status: 400, body: { error: 'invalid_grant' } };

  function nameToken({ id, user }: Grant): string {
    const name = `secret-${id}-${accessTokens.size}-${Math.floor(random.roll() * 1e9)}`;
    if (!areReadable) return name;
    const now = Math.floor(timeline.now() / 1_000);
    const claims = { iss: ISSUER, sub: user, iat: now, exp: now + life, jti: name };
    return `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.secret`;
  }

  function open(user: string, isElsewhere: boolean): Grant {
    const grant: Grant = {
      id: grants.length + 1,
      user,
      refreshTokens: [],
      end: undefined,
      endedBy: undefined,
      isElsewhere,
    };
    grants.push(grant);
    return grant;
  }

  function renew(grant: Grant, parent: RefreshToken | undefined): RefreshToken {
    const expiresAt = refreshLife === undefined ? Number.POSITIVE_INFINITY : timeline.now() + refreshLife * 1_000;
    const value = `secret-refresh-${grant.id}-${refreshTokens.size}`;
    const token: RefreshToken = { value, grant, parent, expiresAt, uses: 0, usedAt: undefined };
    refreshTokens.set(value, token);
    grant.refreshTokens.push(token);
    return token;
  }

  function answer(
    grant: Grant,
    refreshToken: RefreshToken,
    isSame = false,
  ): TokenAnswer & { readonly accessToken: AccessToken } {
    const accessToken: AccessToken = {
      value: nameToken(grant),
      grant,
      refreshToken,
      expiresAt: timeline.now() + life * 1_000,
    };
    accessTokens.set(accessToken.value, accessToken);
    const body = {
      access_token: accessToken.value,
      token_type: 'Bearer',
      expires_in: life,
      ...(isSame ? {} : { refresh_token: refreshToken.value }),
      ...(refreshLife === undefined ? {} : { refresh_expires_in: refreshLife }),
    };
    return { status: 200, body, accessToken };
  }

  function exchange(token: RefreshToken): TokenAnswer {
    const { grant } = token;
    const active = grant.refreshTokens.at(-1);
    const isFirst = token.uses === 0;
    token.uses += 1;
    token.usedAt ??= timeline.now();
    switch (rule.name) {
      case 'non-rotating':
        return answer(grant, token, true);
      case 'parent-of-active':
        if (token !== active && token === active?.parent) return answer(grant, active);
        break;
      case 'grace': {
        const isLatest = active !== undefined && active.parent === token && active.uses === 0;
        if (!isFirst && isLatest && timeline.now() - token.usedAt <= rule.seconds * 1_000)
          return answer(grant, renew(grant, token));
        break;
      }
      case 'max-reuse':
        if (!isFirst && token.uses <= rule.times + 1) return answer(grant, renew(grant, token));
        break;
      case 'strict':
      case 'folio':
    }
    if (isFirst) return answer(grant, renew(grant, token));
    for (const other of rule.name === 'folio' ? grants.filter(({ user }) => user === grant.user) : [grant]) {
      if (other.end !== undefined) continue;
      other.end = 'reused';
      other.endedBy = grant;
    }
    return REFUSED;
  }

  return {
    login: (user) => {
      const isFirst = grants.every((grant) => grant.user !== user);
      if (rule.name === 'folio' && isFirst) renew(open(user, true), undefined);
      const grant = open(user, false);
      const { accessToken, body } = answer(grant, renew(grant, undefined));
      return { response: body, accessToken };
    },
    exchange: (value) => {
      const token = refreshTokens.get(value);
      if (token === undefined || token.grant.end !== undefined || timeline.now() >= token.expiresAt) return REFUSED;
      return exchange(token);
    },
    revoke: (value) => {
      const grant = refreshTokens.get(value)?.grant;
      if (grant !== undefined) grant.end ??= 'revoked';
    },
    withdraw: (grant) => {
      grant.end ??= 'withdrawn';
    },
    replaceKeys: () => {
      for (const token of accessTokens.values()) refused.add(token);
    },
    accepts: (token) => token.grant.end === undefined && timeline.now() < token.expiresAt && !refused.has(token),
    accessToken: (value) => accessTokens.get(value),
    refreshToken: (value) => refreshTokens.get(value),
    grants: () => grants,
  };
}

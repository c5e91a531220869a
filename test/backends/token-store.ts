/** What a server knows of the tokens it gave: each refresh token is good once, and a second use ends all of its user's. */

export interface Pair {
  readonly access: string;
  readonly refresh: string;
  /** Epoch milliseconds. */
  readonly accessEndsAt: number;
  readonly refreshEndsAt: number;
}

export interface Lives {
  readonly access: number;
  readonly refresh: number;
}

/** What happened to one user's tokens. */
export interface History {
  rotations: number;
  reuses: number;
  /** Sessions that were ended by a sign-out. */
  logouts: number;
  /** Calls that came with a dead access token. */
  refusals: number;
  /** The age in milliseconds of each of those tokens that was known. */
  readonly refused: number[];
  calls: number;
}

export interface TokenStore {
  /** Lives are milliseconds. */
  readonly signIn: (user: string, lives: Lives) => Pair;
  readonly rotate: (refresh: string | undefined) => Pair | 'missing' | 'refused';
  readonly isLive: (access: string | undefined) => boolean;
  /** As by a logout: to present it after that is a second use, too. */
  readonly destroy: (refresh: string | undefined) => void;
  /** Ends all that the user has. */
  readonly destroyAll: (user: string) => void;
  readonly historyOf: (user: string) => History;
  /** Of the token's user. */
  readonly note: (token: string | undefined, what: Exclude<keyof History, 'refused'>) => void;
}

export function tokenStore(): TokenStore {
  const access = new Map<string, number>();
  const born = new Map<string, number>();
  const refresh = new Map<string, { readonly lives: Lives; readonly until: number; state: 'good' | 'used' | 'dead' }>();
  const histories = new Map<string, History>();
  let count = 0;

  const userOf = (token = '') => token.split('~')[0] ?? '';
  const historyOf = (user: string): History => {
    const history = histories.get(user) ?? { rotations: 0, reuses: 0, logouts: 0, refusals: 0, refused: [], calls: 0 };
    histories.set(user, history);
    return history;
  };
  const signIn = (user: string, lives: Lives): Pair => {
    count += 1;
    const pair = {
      access: `${user}~a${count}`,
      refresh: `${user}~r${count}`,
      accessEndsAt: Date.now() + lives.access,
      refreshEndsAt: Date.now() + lives.refresh,
    };
    access.set(pair.access, pair.accessEndsAt);
    born.set(pair.access, Date.now());
    refresh.set(pair.refresh, { lives, until: pair.refreshEndsAt, state: 'good' });
    return pair;
  };

  const destroyAll = (user: string): void => {
    for (const [token, entry] of refresh) if (userOf(token) === user) entry.state = 'dead';
    for (const token of access.keys()) if (userOf(token) === user) access.delete(token);
  };

  return {
    signIn,
    destroyAll,
    rotate: (token) => {
      if (token === undefined) return 'missing';
      const known = refresh.get(token);
      if (known === undefined || known.state === 'dead' || known.until < Date.now()) return 'refused';
      if (known.state === 'used') {
        historyOf(userOf(token)).reuses += 1;
        for (const [other, entry] of refresh) if (userOf(other) === userOf(token)) entry.state = 'dead';
        return 'refused';
      }
      known.state = 'used';
      historyOf(userOf(token)).rotations += 1;
      return signIn(userOf(token), known.lives);
    },
    isLive: (token) => token !== undefined && (access.get(token) ?? 0) > Date.now(),
    destroy: (token) => {
      const known = token === undefined ? undefined : refresh.get(token);
      if (known?.state === 'good') known.state = 'used';
    },
    historyOf,
    note: (token = '', what) => {
      const history = historyOf(userOf(token));
      history[what] += 1;
      const from = born.get(token);
      if (what === 'refusals' && from !== undefined) history.refused.push(Date.now() - from);
    },
  };
}

/** Keeps what the authorization server knows in memory, for as long as the demo runs. */
import type { Adapter, Payload } from 'oidc-provider';

interface Entry {
  readonly payload: Payload;
  readonly endsAt: number;
}

/** Makes the adapters of one server: one for each kind of thing, all over one map. */
export function memoryAdapter(): (kind: string) => Adapter {
  const entries = new Map<string, Entry>();

  const sweep = (): void => {
    const now = Date.now();
    for (const [key, entry] of entries) if (entry.endsAt <= now) entries.delete(key);
  };

  return (kind) => {
    const find = (id: string): Payload | undefined => entries.get(`${kind}:${id}`)?.payload;

    return {
      upsert: async (id, payload, expiresIn) => {
        sweep();
        const endsAt = expiresIn === undefined ? Infinity : Date.now() + expiresIn * 1000;
        entries.set(`${kind}:${id}`, { payload, endsAt });
      },
      find: async (id) => find(id),
      findByUid: async (uid) => {
        for (const [key, { payload }] of entries) {
          if (key.startsWith(`${kind}:`) && payload.uid === uid) return payload;
        }
        return undefined;
      },
      findByUserCode: async () => undefined,
      consume: async (id) => {
        const payload = find(id);
        if (payload !== undefined) payload.consumed = Math.floor(Date.now() / 1000);
      },
      destroy: async (id) => void entries.delete(`${kind}:${id}`),
      revokeByGrantId: async (grantId) => {
        for (const [key, { payload }] of entries) {
          if (key.startsWith(`${kind}:`) && payload.grantId === grantId) entries.delete(key);
        }
      },
    };
  };
}

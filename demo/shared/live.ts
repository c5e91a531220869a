/** The states in which somebody is signed in. */
import type { SessionState } from 'holdfast';

/** A state with tokens. */
export type Live = Extract<SessionState, { readonly status: 'active' | 'stale' }>;

/** Whether somebody is signed in. */
export function isLive(state: SessionState): state is Live {
  return state.status === 'active' || state.status === 'stale';
}

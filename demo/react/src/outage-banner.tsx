/** Says that the network or the sign-in server is out of reach, and what that means for the work. */
import { useSession } from 'holdfast/react';
import { type ReactNode, useEffect, useState, useSyncExternalStore } from 'react';
import { outageOf } from '../../shared/outage.ts';

function followNetwork(listener: () => void): () => void {
  addEventListener('online', listener);
  addEventListener('offline', listener);
  return () => {
    removeEventListener('online', listener);
    removeEventListener('offline', listener);
  };
}

/** Epoch milliseconds, renewed each second while it matters. */
function useNow(matters: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!matters) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [matters]);
  return now;
}

/** Nothing while all is well. */
export function OutageBanner(): ReactNode {
  const state = useSession();
  const rotate = useSession((_state, session) => session.rotate);
  const isOnline = useSyncExternalStore(followNetwork, () => navigator.onLine);
  const now = useNow(state.status === 'stale');
  const outage = outageOf(state, isOnline, now);
  return (
    <div className="outage-place" role="status">
      {outage && (
        <div className="outage">
          <p>
            <strong>{outage.title}.</strong> {outage.text}
          </p>
          {outage.next && (
            <p className="next">
              <span aria-hidden="true">{outage.next}</span>
              {/* It rejects when the server is still down or was asked just now; the banner says so already. */}
              <button type="button" onClick={() => void rotate().catch(() => undefined)}>
                Try now
              </button>
            </p>
          )}
        </div>
      )}
    </div>
  );
}

import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { ReactNode } from 'react';
import { expectNoComplaints, place, stage } from './stage.ts';
import { reacts } from './reacts.ts';
import { stagedSession } from './staged-session.ts';

const acts = (isActing: boolean) => Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: isActing });
acts(true);

describe.each(reacts)('React $version', (react) => {
  const { act, createElement, createRoot, hydrateRoot, renderToString, startTransition, Suspense, useState } = react;
  const { SessionGuard, SessionProvider, StrictMode, useSession } = react;
  const h = createElement;

  const Status = () => useSession(({ status }) => status);

  test('a component that was suspended goes on with the newest state', async () => {
    expectNoComplaints();
    const { end, hold, listeners, session } = stagedSession();
    let load = (): void => {};
    let isLoaded = false;
    const loading = new Promise<void>((resolve) => (load = resolve)).then(() => (isLoaded = true));
    const Orders = () => {
      const status = useSession(({ status }) => status);
      // As libraries for data have done it since React 16.
      // oxlint-disable-next-line typescript/only-throw-error
      if (!isLoaded) throw loading;
      return status;
    };
    const { render, text, unmount } = stage(react);
    hold(0);
    await act(async () =>
      render(h(SessionProvider, { session }, h(Suspense, { fallback: 'loading' }, h(Orders)), h(Status))),
    );
    expect(text()).toBe('loadingactive');
    await act(async () => end());
    expect(text()).toBe('loadingended');
    await act(async () => load());
    expect(text()).toBe('endedended');
    unmount();
    expect(listeners()).toBe(0);
  });

  test('a transition that the session changes under shows one state everywhere, at every moment', async () => {
    expectNoComplaints();
    acts(false);
    onTestFinished(() => void acts(true));
    const { end, hold, session } = stagedSession();
    hold(0);
    const element = place();
    const root = createRoot(element);
    onTestFinished(() => root.unmount());
    const rendered: string[] = [];
    /** Renders so slowly that React lets other tasks go first. */
    const Slow = () => {
      const status = useSession(({ status }) => status);
      const until = performance.now() + 8;
      while (performance.now() < until);
      rendered.push(status);
      return h('li', null, status);
    };
    let open = (): void => {};
    const Page = () => {
      const [isOpen, setOpen] = useState(false);
      open = () => startTransition(() => setOpen(true));
      return isOpen ? Array.from({ length: 25 }, (_, key) => h(Slow, { key })) : 'closed';
    };
    const shown = new Set<string>();
    const observer = new MutationObserver(() => {
      shown.add([...new Set([...element.querySelectorAll('li')].map((item) => item.textContent))].join(' and '));
    });
    observer.observe(element, { childList: true, characterData: true, subtree: true });
    onTestFinished(() => observer.disconnect());
    root.render(h(SessionProvider, { session }, h(Page)));
    await vi.waitUntil(() => element.textContent === 'closed', { interval: 1 });
    open();
    await vi.waitUntil(() => rendered.length > 2, { interval: 1 });
    expect(rendered.length).toBeLessThan(25);
    end();
    await vi.waitUntil(() => element.textContent.includes('ended'), { interval: 1 });
    expect([rendered[0], rendered.at(-1)]).toEqual(['active', 'ended']);
    expect([...shown].filter((states) => states.includes('and'))).toEqual([]);
  });

  function guarded(children: ReactNode) {
    return h(
      SessionGuard,
      {
        restoring: 'one moment',
        signedOut: (state) => (state.status === 'ended' ? `sign in again: ${state.reason}` : 'sign in'),
      },
      children,
    );
  }

  test('the guard shows neither the page nor the sign-in before the record was read', () => {
    expectNoComplaints();
    const { end, findNothing, hold, session } = stagedSession();
    const { render, text } = stage(react);
    render(h(SessionProvider, { session }, guarded('orders')));
    expect(text()).toBe('one moment');
    act(() => findNothing());
    expect(text()).toBe('sign in');
    act(() => hold(0));
    expect(text()).toBe('orders');
    act(() => end());
    expect(text()).toBe('sign in again: signed-out');
  });

  test('what the guard shows keeps its own state over rotations and while the token is dead, and is not rendered', () => {
    expectNoComplaints();
    const { hold, lose, session } = stagedSession();
    let renders = 0;
    const Draft = () => {
      renders += 1;
      return h('input');
    };
    const Page = () => guarded(h(Draft));
    const { element, render } = stage(react);
    hold(0);
    render(h(SessionProvider, { session }, h(Page)));
    const input = element.querySelector('input');
    act(() => hold(1));
    act(() => lose(1));
    act(() => hold(2));
    expect(element.querySelector('input')).toBe(input);
    expect(renders).toBe(1);
  });

  test('nothing of what the guard showed one user is left to the next', () => {
    expectNoComplaints();
    const { hold, session } = stagedSession();
    const { element, render } = stage(react);
    hold(0, 'ada');
    render(h(SessionProvider, { session }, guarded(h('input'))));
    const input = element.querySelector('input');
    act(() => hold(0, 'bob'));
    expect(input?.isConnected).toBe(false);
    expect(element.querySelector('input')).not.toBe(null);
  });

  test('a guard that is told nothing shows nothing', () => {
    expectNoComplaints();
    const { findNothing, session } = stagedSession();
    const { render, text } = stage(react);
    render(h(SessionProvider, { session }, h(SessionGuard, null, 'orders')));
    act(() => findNothing());
    expect(text()).toBe('');
    render(h(SessionProvider, { session }, h(SessionGuard, { signedOut: 'sign in' }, 'orders')));
    expect(text()).toBe('sign in');
  });

  test.each(['before', 'after'])(
    'what a server rendered is hydrated without a word where the record is read %s',
    async (when) => {
      expectNoComplaints();
      const { hold, listeners, session } = stagedSession();
      const Everything = () => JSON.stringify(useSession());
      const app = (of: typeof session) =>
        h(
          StrictMode,
          null,
          h(
            SessionProvider,
            { session: of },
            h(Status),
            guarded('orders'),
            h(Everything),
            h(Suspense, null, h(Status)),
          ),
        );
      const html = renderToString(app(stagedSession().session));
      expect(html).toContain('restoring');
      expect(html).toContain('one moment');
      expect(html).toContain('{&quot;status&quot;:&quot;restoring&quot;}');

      const element = place(html);
      const onRecoverableError = vi.fn();
      if (when === 'before') hold(0, 'ada');
      const root = await act(async () => hydrateRoot(element, app(session), { onRecoverableError }));
      await act(async () => hold(0, 'ada'));
      expect(element.textContent).toBe('activeorders{"status":"active","generation":0,"user":"ada"}active');
      expect(onRecoverableError).not.toHaveBeenCalled();
      await act(async () => root.unmount());
      expect(listeners()).toBe(0);
    },
  );
});

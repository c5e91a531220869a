import { describe, expect, test } from 'vitest';
import type { ReactNode } from 'react';
import { signIn } from '../browser/signed-in.ts';
import { reacts } from './reacts.ts';
import { expectNoComplaints, stage } from './stage.ts';
import { stagedSession } from './staged-session.ts';

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

describe.each(reacts)('React $version', (react) => {
  const { act, createElement, memo, SessionGuard, SessionProvider, StrictMode, useSession, useState } = react;
  const h = createElement;

  /** Renders it below a provider of a staged session. */
  function show(node: ReactNode, { session, ...controls } = stagedSession()) {
    const { forgive } = expectNoComplaints();
    const place = stage(react);
    const under = (child: ReactNode) => place.render(h(SessionProvider, { session }, child));
    under(node);
    return { ...place, ...controls, forgive, session, under };
  }

  const Status = () => useSession().status;

  test('a component shows the state, and each that follows', () => {
    const { end, hold, text } = show(h(Status));
    expect(text()).toBe('restoring');
    act(() => hold(0));
    expect(text()).toBe('active');
    act(() => end());
    expect(text()).toBe('ended');
  });

  test('a rotation renders nothing where the selected value stays the same', () => {
    const renders = { user: 0, generation: 0 };
    const User = () => {
      renders.user += 1;
      return useSession((state) => (state.status === 'active' ? state.user : undefined));
    };
    const Generation = () => {
      renders.generation += 1;
      return useSession((state) => (state.status === 'active' ? state.generation : undefined));
    };
    const { hold, text } = show([h(User, { key: 1 }), h(Generation, { key: 2 })]);
    act(() => hold(0, 'ada'));
    expect(renders).toEqual({ user: 2, generation: 2 });
    for (const generation of [1, 2, 3]) act(() => hold(generation, 'ada'));
    expect(text()).toBe('ada3');
    expect(renders).toEqual({ user: 2, generation: 5 });
  });

  test('a selector may make a fresh object each time: a rotation renders nothing while its members are the same', () => {
    let renders = 0;
    const User = () => {
      renders += 1;
      const { names } = useSession((state) => ({ names: state.status === 'active' ? state.user : 'nobody' }));
      return names;
    };
    const { hold, text } = show(h(User));
    act(() => hold(0, 'ada'));
    for (const generation of [1, 2, 3]) act(() => hold(generation, 'ada'));
    expect([text(), renders]).toEqual(['ada', 2]);
  });

  test('a selector may make fresh objects in fresh objects: it renders with each state, and no more', () => {
    let renders = 0;
    const User = () => {
      renders += 1;
      return useSession((state) => ({ deep: { status: [state.status] } })).deep.status;
    };
    const { hold, text } = show(h(User));
    act(() => hold(0));
    act(() => hold(1));
    expect([text(), renders]).toEqual(['active', 3]);
  });

  test('what is selected stays the same object over renders that others cause', () => {
    const seen = new Set<unknown>();
    let again = (): void => {};
    const Roles = () => {
      const [count, setCount] = useState(0);
      again = () => setCount(count + 1);
      seen.add(useSession(({ status }) => [status]));
      return count;
    };
    const { text } = show(h(Roles));
    act(() => again());
    act(() => again());
    expect([text(), seen.size]).toEqual(['2', 1]);
  });

  test.each([
    ['an array and an object without members', [], {}],
    ['arrays of different length', [undefined], [undefined, undefined]],
    ['objects with other names', { one: undefined }, { other: undefined }],
    ['a list and nothing', undefined, []],
    ['two dates', new Date(1), new Date(2)],
    ['zero and minus zero', 0, -0],
    ['objects of other members', { one: { deep: 1 } }, { one: { deep: 1 } }],
  ])('%s are not taken for the same', (_, before, after) => {
    let last: unknown;
    const Selected = () => {
      last = useSession((state) => (state.status === 'restoring' ? before : after));
      return null;
    };
    const { findNothing } = show(h(Selected));
    act(() => findNothing());
    expect(last).toBe(after);
  });

  test('a selector written in place sees what it closes over as it is now', () => {
    const { hold, text, under } = show(null);
    const Label = ({ label }: { readonly label: string }) => useSession(({ status }) => `${label} ${status}`);
    under(h(Label, { label: 'one' }));
    under(h(Label, { label: 'two' }));
    expect(text()).toBe('two restoring');
    act(() => hold(0));
    expect(text()).toBe('two active');
  });

  test('a function of the session can be selected, and stays the same', () => {
    const seen = new Set<unknown>();
    const SignOut = memo(() => {
      seen.add(useSession((_, session) => session.end));
      return null;
    });
    const { end, hold, session } = show(h(SignOut));
    act(() => hold(0));
    act(() => end());
    expect([...seen]).toEqual([session.end]);
  });

  test('what a selector throws reaches the error boundary', () => {
    const Broken = () =>
      useSession(({ status }) => {
        if (status === 'active') throw new Error('The selector is broken.');
        return status;
      });
    const { forgive, hold } = show(h(Broken));
    // React says so on the console as well.
    forgive();
    expect(() => act(() => hold(0))).toThrow('The selector is broken.');
  });

  test('without a provider the error names it', () => {
    expectNoComplaints().forgive();
    const { render } = stage(react);
    expect(() => render(h(Status))).toThrow(new TypeError('useSession needs a <SessionProvider> above.'));
    expect(() => render(h(SessionGuard))).toThrow('SessionProvider');
  });

  test('a provider that is given another session shows that one, and nobody listens to the first', () => {
    const { hold, listeners, render, text } = show(h(Status));
    const other = stagedSession();
    other.findNothing();
    render(h(SessionProvider, { session: other.session }, h(Status)));
    expect([text(), listeners(), other.listeners()]).toEqual(['absent', 0, 1]);
    act(() => hold(0));
    expect(text()).toBe('absent');
  });

  test('under StrictMode a component listens once, and not at all when it is gone', () => {
    const { end, hold, listeners, text, under, unmount } = show(h(StrictMode, null, h(Status)));
    expect(listeners()).toBe(1);
    act(() => hold(0));
    expect(text()).toBe('active');
    under(null);
    expect(listeners()).toBe(0);
    under(h(StrictMode, null, h(Status), h(Status)));
    expect(listeners()).toBe(2);
    act(() => end());
    expect(text()).toBe('endedended');
    unmount();
    expect(listeners()).toBe(0);
  });

  test('two roots in one page show the same session', () => {
    const { hold, session, text, unmount } = show(h(Status));
    const other = stage(react);
    other.render(h(SessionProvider, { session }, h(Status)));
    act(() => hold(0));
    expect([text(), other.text()]).toEqual(['active', 'active']);
    unmount();
    act(() => hold(1));
    expect(other.text()).toBe('active');
  });

  test('two sessions in one page are told apart by their providers', () => {
    const inner = stagedSession();
    const { hold, text } = show([
      h(Status, { key: 1 }),
      h(SessionProvider, { key: 2, session: inner.session }, h(Status)),
    ]);
    act(() => {
      hold(0);
      inner.findNothing();
    });
    expect(text()).toBe('activeabsent');
  });

  test('a real session: start, rotation and end are shown, and the rotation renders nothing but what reads it', async () => {
    const { session } = await signIn('good');
    let renders = 0;
    const Signed = () => {
      renders += 1;
      return useSession(({ status }) => status);
    };
    const { text } = show(h(Signed), { ...stagedSession(), session });
    expect(text()).toBe('active');
    await act(() => session.rotate());
    expect(session.inspect().generation).toBe(1);
    expect([text(), renders]).toEqual(['active', 1]);
    await act(() => session.end());
    expect([text(), renders]).toEqual(['ended', 2]);
  });
});

/**
 * An app's own tests of React components: the session comes from a world in which the test says what happens.
 *
 * @vitest-environment jsdom
 */
import { SessionGuard, SessionProvider, useSession } from 'holdfast/react';
import { createWorld, settle, type World } from 'holdfast/testing';
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { expect, onTestFinished, test } from 'vitest';

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

function Banner() {
  const { status } = useSession();
  return status === 'stale' ? <p>The shop cannot be reached.</p> : <p>Welcome back.</p>;
}

/** The app as somebody sees it who has just signed in. */
async function renderApp(): Promise<World> {
  const world = createWorld({ life: 60 });
  const session = world.openTab();
  await session.start(world.server.login('ada'));
  const root = createRoot(document.body);
  onTestFinished(() => act(() => root.unmount()));
  await act(() =>
    root.render(
      <SessionProvider session={session}>
        <SessionGuard signedOut={<p>Please sign in.</p>}>
          <Banner />
        </SessionGuard>
      </SessionProvider>,
    ),
  );
  return world;
}

const shown = () => document.body.textContent;

test('whoever signs out in another tab sees the login here', async () => {
  const world = await renderApp();
  expect(shown()).toBe('Welcome back.');
  await act(() => world.openTab().end());
  await act(settle);
  expect(shown()).toBe('Please sign in.');
});

test('an outage is shown as long as it lasts', async () => {
  const world = await renderApp();
  world.server.goDown(60);
  await act(() => world.advance(50));
  expect(shown()).toBe('The shop cannot be reached.');
  await act(() => world.advance(40));
  expect(shown()).toBe('Welcome back.');
});

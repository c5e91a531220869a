/** What must not compile. Never run: the type checker reads it. */
import { createWorld, fakeServer, manualClock } from 'holdfast/testing';
import { expectTypeOf, test } from 'vitest';

test('what a test of an app’s can say is typed', () => {
  // @ts-expect-error -- There is no such option.
  fakeServer({ lifetime: 300 });
  // @ts-expect-error -- A life is a number of seconds.
  createWorld({ life: '5 min' });
  // @ts-expect-error -- A world has one clock, its own.
  createWorld({ clock: manualClock() });
  // @ts-expect-error -- An option of the session's is misspelt.
  expectTypeOf(createWorld().openTab).toBeCallableWith({ resource: ['/api/'] });
  // @ts-expect-error -- What was asked for is not to be rewritten.
  expectTypeOf(fakeServer().calls.push).toBeFunction();
});

import { expect, onTestFinished, test, vi } from 'vitest';
import {
  type App,
  computed,
  createApp,
  createSSRApp,
  defineAsyncComponent,
  defineComponent,
  effectScope,
  h,
  isReadonly,
  isRef,
  KeepAlive,
  nextTick,
  ref,
  Suspense,
  watch,
} from 'vue';
import { renderToString } from 'vue/server-renderer';
import { sessionPlugin, useSession } from '../../src/bindings/vue.ts';
import { signIn } from '../browser/signed-in.ts';
import { expectNoComplaints, place } from './stage.ts';
import { stagedSession } from './staged-session.ts';

// As an app's bundler does.
const flags = ['__VUE_OPTIONS_API__', '__VUE_PROD_DEVTOOLS__', '__VUE_PROD_HYDRATION_MISMATCH_DETAILS__'];
Object.assign(globalThis, Object.fromEntries(flags.map((flag) => [flag, true])));

const Status = defineComponent(() => {
  const { state } = useSession();
  return () => state.value.status;
});

/** Mounts an app, which is unmounted when the test is finished. */
function mount(app: App, element = place()) {
  app.mount(element);
  let isMounted = true;
  const unmount = () => {
    if (isMounted) app.unmount();
    isMounted = false;
  };
  onTestFinished(unmount);
  return { element, text: () => element.textContent, unmount };
}

test('a component shows the state, and each that follows', async () => {
  expectNoComplaints();
  const { end, findNothing, hold, session } = stagedSession();
  const { text } = mount(createApp(Status).use(sessionPlugin, session));
  expect(text()).toBe('restoring');
  for (const [change, status] of [
    [findNothing, 'absent'],
    [() => hold(0), 'active'],
    [end, 'ended'],
  ] as const) {
    change();
    await nextTick();
    expect(text()).toBe(status);
  }
});

test('where the record was read before the app is mounted, its first render shows the true state', () => {
  expectNoComplaints();
  const { hold, session } = stagedSession();
  hold(0);
  const seen: string[] = [];
  const First = defineComponent(() => {
    const { state } = useSession();
    return () => (seen.push(state.value.status), 'page');
  });
  mount(createApp(First).use(sessionPlugin, session));
  expect(seen).toEqual(['active']);
});

test('a rotation renders nothing where what is computed stays the same', async () => {
  expectNoComplaints();
  const { hold, session } = stagedSession();
  let renders = 0;
  const User = defineComponent(() => {
    const { state } = useSession();
    const user = computed(() => (state.value.status === 'active' ? state.value.user : undefined));
    return () => {
      renders += 1;
      return user.value;
    };
  });
  hold(0, 'ada');
  const { text } = mount(createApp(User).use(sessionPlugin, session));
  for (const generation of [1, 2, 3]) {
    hold(generation, 'ada');
    await nextTick();
  }
  expect([text(), renders]).toEqual(['ada', 1]);
});

test('every member of the session is there, and bound', async () => {
  const { session } = stagedSession();
  const app = createApp(Status).use(sessionPlugin, session);
  const { state, ...members } = app.runWithContext(useSession);
  const { state: _, ...own } = session;
  expect(members).toEqual(own);
  await expect(members.fetch('data:,').then((response) => response.ok)).resolves.toBe(true);
  expect(isRef(state)).toBe(true);
});

test('the state is the very object of the session, and cannot be written to', () => {
  const { hold, session } = stagedSession();
  const { state } = createApp(Status).use(sessionPlugin, session).runWithContext(useSession);
  hold(0);
  expect(state.value).toBe(session.state);
  // @ts-expect-error The state is the session's own to change.
  state.value = { status: 'absent' };
  expect(state.value).toBe(session.state);
  expect(isReadonly(state.value)).toBe(false);
});

test('a component that is gone listens no more', () => {
  expectNoComplaints();
  const { listeners, session } = stagedSession();
  const { unmount } = mount(createApp(() => [h(Status), h(Status)]).use(sessionPlugin, session));
  expect(listeners()).toBe(2);
  unmount();
  expect(listeners()).toBe(0);
});

test('in any effect scope of the app it listens until the scope is stopped', async () => {
  expectNoComplaints();
  const { end, hold, listeners, session } = stagedSession();
  const app = createApp(Status).use(sessionPlugin, session);
  const scope = effectScope();
  const seen: string[] = [];
  scope.run(() =>
    app.runWithContext(() => {
      const { state } = useSession();
      watch(state, ({ status }) => seen.push(status), { flush: 'sync' });
    }),
  );
  hold(0);
  expect([seen, listeners()]).toEqual([['active'], 1]);
  scope.stop();
  end();
  expect([seen, listeners()]).toEqual([['active'], 0]);
});

test('in a guard of a router, outside any scope, the state is right whenever it is read, and nothing listens', () => {
  expectNoComplaints();
  const { hold, listeners, session } = stagedSession();
  const { state } = createApp(Status).use(sessionPlugin, session).runWithContext(useSession);
  hold(0);
  expect([state.value.status, listeners()]).toEqual(['active', 0]);
});

test.each([
  ['in an app without the plugin', () => createApp(Status).runWithContext(useSession)],
  ['outside any app', useSession],
])('%s the error says what to do', (_, call) => {
  expectNoComplaints().forgive();
  expect(call).toThrow(TypeError);
  expect(call).toThrow('app.use(sessionPlugin, session)');
});

test('two apps in one page have a session each', async () => {
  expectNoComplaints();
  const [one, other] = [stagedSession(), stagedSession()];
  const first = mount(createApp(Status).use(sessionPlugin, one.session));
  const second = mount(createApp(Status).use(sessionPlugin, other.session));
  one.hold(0);
  other.findNothing();
  await nextTick();
  expect([first.text(), second.text()]).toEqual(['active', 'absent']);
});

test('a component that comes back from KeepAlive shows the newest state', async () => {
  expectNoComplaints();
  const { end, hold, listeners, session } = stagedSession();
  const isShown = ref(true);
  const { text, unmount } = mount(
    createApp(() => h(KeepAlive, () => (isShown.value ? h(Status) : undefined))).use(sessionPlugin, session),
  );
  hold(0);
  isShown.value = false;
  await nextTick();
  end();
  isShown.value = true;
  await nextTick();
  expect(text()).toBe('ended');
  unmount();
  expect(listeners()).toBe(0);
});

const page = { render: () => [h('b', h(Status)), h(Suspense, () => h('i', h(Later)))] };
const Later = defineComponent(async () => {
  const { state } = useSession();
  await undefined;
  return () => state.value.status;
});

test.each(['before the app is mounted', 'while it hydrates', 'afterwards'])(
  'what a server rendered is hydrated without a word where the record is read %s',
  async (when) => {
    expectNoComplaints();
    const html = await renderToString(createSSRApp(page).use(sessionPlugin, stagedSession().session));
    expect(html).toContain('<b>restoring</b>');
    expect(html).toContain('<i>restoring</i>');

    const { hold, listeners, session } = stagedSession();
    if (when.startsWith('before')) hold(0);
    const element = place(html);
    const { unmount } = mount(createSSRApp(page).use(sessionPlugin, session), element);
    const [kept] = element.getElementsByTagName('b');
    if (when.startsWith('while')) hold(0);
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (when.startsWith('after')) hold(0);
    await vi.waitUntil(() => element.textContent === 'activeactive', { interval: 1 });
    expect(element.contains(kept ?? null)).toBe(true);
    unmount();
    expect(listeners()).toBe(0);
  },
);

test('what comes into a hydrated page later shows the true state at its first render', async () => {
  expectNoComplaints();
  const { hold, session } = stagedSession();
  const seen: string[] = [];
  const isOpen = ref(false);
  const Late = defineComponent(() => {
    const { state } = useSession();
    return () => (seen.push(state.value.status), 'late');
  });
  const app = { render: () => [h('b', h(Status)), isOpen.value ? h(Late) : null] };
  const html = await renderToString(createSSRApp(app).use(sessionPlugin, stagedSession().session));
  hold(0);
  mount(createSSRApp(app).use(sessionPlugin, session), place(html));
  isOpen.value = true;
  await nextTick();
  expect(seen).toEqual(['active']);
});

test('what is taken out and put back shows the true state at its first render', async () => {
  expectNoComplaints();
  const { hold, session } = stagedSession();
  const seen: string[] = [];
  const isOpen = ref(true);
  const kept = h(
    defineComponent(() => {
      const { state } = useSession();
      return () => (seen.push(state.value.status), 'kept');
    }),
  );
  hold(0);
  mount(createApp({ render: () => (isOpen.value ? kept : null) }).use(sessionPlugin, session), place(''));
  isOpen.value = false;
  await nextTick();
  isOpen.value = true;
  await nextTick();
  expect(seen).toEqual(['active', 'active']);
});

test('a part that is loaded and hydrated later is hydrated as the server rendered it', async () => {
  expectNoComplaints();
  const { hold, session } = stagedSession();
  let load = (): void => {};
  const loading = new Promise<typeof Status>((resolve) => (load = () => resolve(Status)));
  const app = (part: typeof Status) => ({ render: () => h('b', h(part)) });
  const html = await renderToString(createSSRApp(app(Status)).use(sessionPlugin, stagedSession().session));
  hold(0);
  const Lazy = defineAsyncComponent<typeof Status>(() => loading);
  const { text } = mount(createSSRApp(app(Lazy)).use(sessionPlugin, session), place(html));
  expect(text()).toBe('restoring');
  load();
  await vi.waitUntil(() => text() === 'active', { interval: 1 });
});

test('a real session: start, rotation and end are shown', async () => {
  expectNoComplaints();
  const { session } = await signIn('good');
  const Generation = defineComponent(() => {
    const { state } = useSession();
    return () => (state.value.status === 'active' ? state.value.generation : state.value.status);
  });
  const { text } = mount(createApp(Generation).use(sessionPlugin, session));
  expect(text()).toBe('0');
  await session.rotate();
  await nextTick();
  expect(text()).toBe('1');
  await session.end();
  await nextTick();
  expect(text()).toBe('ended');
});

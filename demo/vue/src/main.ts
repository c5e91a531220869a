/** Starts the app: finishes a sign-in that came back, then draws the first page that may be seen. */
import { sessionPlugin } from 'holdfast/vue';
import { createApp } from 'vue';
import App from './app.vue';
import { createAppRouter } from './router.ts';
import { login, session } from './session.ts';

// Before the router looks at the address: the code is out of it then, and the session has begun.
const problem = await login.finish(session).then(
  () => undefined,
  (error: unknown) => error,
);

const router = createAppRouter(problem);
const app = createApp(App).use(sessionPlugin, session).use(router);
// Until then the page says that it opens: neither the login nor anything behind it flashes up.
await router.isReady();
app.mount('#app');

/** Renders the app on a server, with the same session module as in the page. */
import { sessionPlugin } from 'holdfast/vue';
import { createSSRApp } from 'vue';
import { renderToString } from 'vue/server-renderer';
import Orders from './orders.vue';
import { edition, session } from './session.ts';

export const render = (): Promise<string> =>
  renderToString(createSSRApp(Orders, { edition }).use(sessionPlugin, session));

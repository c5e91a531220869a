/** Takes over what the server rendered, as late as the record may have been read by then. */
import { sessionPlugin } from 'holdfast/vue';
import { createSSRApp } from 'vue';
import Orders from './orders.vue';
import { edition, session } from './session.ts';

await session.ready;
createSSRApp(Orders, { edition }).use(sessionPlugin, session).mount('#app');

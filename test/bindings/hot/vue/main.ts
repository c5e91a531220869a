/** The app that the tests edit. A new session needs a reload. */
import { sessionPlugin } from 'holdfast/vue';
import { createApp } from 'vue';
import Orders from './orders.vue';
import { edition, session } from './session.ts';

createApp(Orders, { edition }).use(sessionPlugin, session).mount('#app');

/** Which page is where, and which of them are for signed-in people only. */
import { createRouter, createWebHistory, type Router } from 'vue-router';
import { isLive } from '../../shared/live.ts';
import { returnPath } from '../../shared/return-path.ts';
import Board from './board.vue';
import NotFound from './not-found.vue';
import PickSheet from './pick-sheet.vue';
import { session } from './session.ts';
import SignInPage from './sign-in-page.vue';
import Workplace from './workplace.vue';

/** Makes the app's router. `problem`: what went wrong with the sign-in that the page came back from. */
export function createAppRouter(problem: unknown): Router {
  const router = createRouter({
    history: createWebHistory('/vue/'),
    scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
    routes: [
      { path: '/sign-in', name: 'sign-in', component: SignInPage, props: { problem } },
      {
        path: '/',
        component: Workplace,
        children: [
          { path: '', name: 'board', component: Board },
          { path: 'orders/:id(\\d+)', name: 'order', component: PickSheet },
          { path: ':rest(.*)*', name: 'not-found', component: NotFound },
        ],
      },
    ],
  });

  router.beforeEach(async (to) => {
    await session.ready;
    const isSignedIn = isLive(session.state);
    if (to.name === 'sign-in') return !isSignedIn || returnPath(to.query['to']);
    return isSignedIn || { name: 'sign-in', query: { to: to.fullPath } };
  });

  // Wherever it was ended, in this tab or another: to the login page, and back here afterwards.
  session.on('ended', () => {
    const { fullPath } = router.currentRoute.value;
    void router.replace({ name: 'sign-in', query: { to: fullPath } });
  });
  return router;
}

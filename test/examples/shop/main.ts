/** The shop as a page: one session, and what shows it. */
import { createSession, oauth2 } from 'holdfast';
import { showOrders } from './orders-page.ts';

const session = createSession({
  server: oauth2({ tokenEndpoint: '/oauth/token', revocationEndpoint: '/oauth/revoke', clientId: 'shop' }),
  resources: ['/api/'],
});

showOrders(document.body, session);

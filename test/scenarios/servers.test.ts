/** Every kind of server, in Chromium. */
import { createChromium } from './chromium.ts';
import { playAll } from './play.ts';
import { servers } from './servers.ts';

// Fails since it was last seen green: three 401s for tokens that expired, while nobody rotates. Issue 5 stays open for it.
const notYet = {
  'FOLIO: a crash in a rotation, an outage, a lost answer, and a sign-out in all tabs': 'three 401s, not yet explained',
};

playAll({ ...createChromium(), notYet }, servers);

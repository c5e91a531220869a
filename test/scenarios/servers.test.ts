/** Every kind of server, in Chromium. */
import { createChromium } from './chromium.ts';
import { playAll } from './play.ts';
import { servers } from './servers.ts';

// Three 401s for tokens that had died some tenths of a second before: in 3 of 3 runs at 994b91c and after, in 1 of 6 before.
// Suspected: of cookies that landed unseen `landed()` counts the life from when it asks. Issue 5 stays open for it.
const notYet = {
  'FOLIO: a crash in a rotation, an outage, a lost answer, and a sign-out in all tabs': 'three 401s, not yet explained',
};

playAll({ ...createChromium(), notYet }, servers);

/** Every kind of server, in Chromium. */
import { createChromium } from './chromium.ts';
import { playAll } from './play.ts';
import { servers } from './servers.ts';

playAll(createChromium(), servers);

/** Every kind of server, in Chromium. */
import { createChromium } from './chromium.ts';
import { ENGINE_MINUTES } from './engine.ts';
import { playAll } from './play.ts';
import { servers } from './servers.ts';

playAll({ ...createChromium(), minutes: ENGINE_MINUTES }, servers);

/** The scenarios in Chromium. */
import { createChromium } from './chromium.ts';
import { playAll } from './play.ts';

playAll(createChromium());

/** The scenarios in Firefox. */
import { createFirefox } from './firefox.ts';
import { playAll } from './play.ts';

playAll(createFirefox());

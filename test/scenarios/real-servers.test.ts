/** Real servers, in Chromium. */
import { absence } from '../debian-servers.ts';
import { createChromium } from './chromium.ts';
import { playAll } from './play.ts';
import { realServers } from './real-servers.ts';

playAll({ ...createChromium(), absent: absence() }, realServers);

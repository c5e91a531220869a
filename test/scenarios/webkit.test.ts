/** The scenarios in WebKitGTK. */
import { playAll } from './play.ts';
import { createWebKit } from './webkit.ts';

playAll(createWebKit());

/** In place of the browser's tests where there is no such browser. */
import { test } from 'vitest';
import { firefox, webKit } from './engines.ts';

test.skipIf(firefox.absent)(`the browser's tests in Firefox: ${firefox.absent ?? ''}`, () => undefined);
test.skipIf(webKit.absent)(`the browser's tests in WebKitGTK: ${webKit.absent ?? ''}`, () => undefined);

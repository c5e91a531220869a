/** In place of the browser's tests where there is no Firefox. */
import { test } from 'vitest';
import { firefox } from './engines.ts';

test('the tests of the browser’s adapters in Firefox', ({ skip }) => skip(firefox.absent ?? 'it has come since'));

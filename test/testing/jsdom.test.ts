/**
 * The machine that apps test with, under jsdom.
 *
 * @vitest-environment jsdom
 */
import { testInPage } from './in-page.ts';

testInPage();

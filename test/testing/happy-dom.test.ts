/**
 * The machine that apps test with, under happy-dom.
 *
 * @vitest-environment happy-dom
 */
import { testInPage } from './in-page.ts';

testInPage();

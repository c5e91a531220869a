/**
 * Puts the session under the page's own `fetch` and `XMLHttpRequest`.
 *
 * @packageDocumentation
 */
export { patchFetch } from './browser/patch-fetch.ts';
export { patchXMLHttpRequest } from './browser/patch-xhr.ts';

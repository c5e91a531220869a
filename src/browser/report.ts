/** Where errors go that nobody is there to catch. */

/** As the page reports what was not caught. The DOMs that tests run in (jsdom, happy-dom) lack the function for it. */
export function report(error: unknown): void {
  if (typeof reportError === 'function') reportError(error);
  else
    queueMicrotask(() => {
      throw error;
    });
}

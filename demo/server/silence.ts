/** Keeps oidc-provider's advice for production servers off the console of a demo. */

/** Runs the task; lines on the console that begin with `oidc-provider` are dropped meanwhile. */
export async function withoutAdvice<Result>(task: () => Promise<Result>): Promise<Result> {
  const { info, warn } = console;
  const filter =
    (print: typeof console.info): typeof console.info =>
    (...line) => {
      if (!String(line[0]).includes('oidc-provider ')) print.apply(console, line);
    };
  console.info = filter(info);
  console.warn = filter(warn);
  try {
    return await task();
  } finally {
    console.info = info;
    console.warn = warn;
  }
}

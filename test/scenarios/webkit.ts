/** WebKitGTK, through Selenium and WebKitWebDriver. */
import type { WebDriver } from 'selenium-webdriver';
import { webKit } from '../engines.ts';
import { startWebKit } from '../webkit-driver.ts';
import { ENGINE_MINUTES, type Engine, type Profile, type Tab } from './engine.ts';
import type { Probe } from './page/probe.ts';

/** WebKitGTK. Each profile is a browser of its own, with a driver of its own: it serves one browser at a time. */
export function createWebKit(): Engine {
  return {
    name: 'WebKitGTK',
    weight: 2,
    minutes: ENGINE_MINUTES,
    absent: webKit.absent,
    lacks: {
      crash: 'its driver ends the session when a page crashes',
      freeze: 'WebKit freezes no tabs',
      offline: 'its driver cannot cut the network',
      throttle: 'WebKit has no timer throttling to one a minute',
    },
    open: openProfile,
    close: async () => undefined,
  };
}

async function openProfile(): Promise<Profile> {
  const { close, driver } = await startWebKit();
  let turn: Promise<unknown> = Promise.resolve();
  /** One command at a time: each goes to the tab that was switched to last. */
  const take = <Result>(task: () => Promise<Result>): Promise<Result> => {
    const mine = turn.then(task);
    turn = mine.catch(() => undefined);
    return mine;
  };
  let isFirst = true;

  return {
    open: (url) =>
      take(async () => {
        if (!isFirst) await driver.switchTo().newWindow('tab');
        isFirst = false;
        return openTab({ driver, take, url });
      }),
    hideAll: () => take(() => driver.switchTo().newWindow('tab')),
    setOffline: () => Promise.reject(new Error('Its driver cannot cut the network.')),
    close: () => take(close),
  };
}

interface TabOptions {
  readonly driver: WebDriver;
  readonly take: <Result>(task: () => Promise<Result>) => Promise<Result>;
  readonly url: string;
}

async function openTab({ driver, take, url }: TabOptions): Promise<Tab> {
  const handle = await driver.getWindowHandle();
  const script = `
    const [name, given, done] = arguments;
    Promise.resolve().then(() => probe[name](...given)).then((answer) => done({ answer }), (error) => done({ error: String(error) }));`;

  const untilReady = async (): Promise<void> => {
    // The page that was there before may go while it is asked.
    const isReady = async (): Promise<boolean> =>
      driver.executeScript<boolean>('return "probe" in globalThis').catch(() => false);
    await driver.wait(isReady, 60_000);
  };
  const here = <Result>(task: () => Promise<Result>): Promise<Result> =>
    take(async () => {
      await driver.switchTo().window(handle);
      return task();
    });
  const run = async <Name extends keyof Probe>(
    name: Name,
    given: Parameters<Probe[Name]>,
  ): Promise<Awaited<ReturnType<Probe[Name]>>> => {
    await untilReady();
    const { answer, error } = Object(await driver.executeAsyncScript(script, name, given));
    if (error !== undefined) throw new Error(String(error));
    return answer;
  };
  const cannot = (): Promise<void> => Promise.reject(new Error('WebKitGTK cannot be made to do this.'));

  await driver.get(url);
  await untilReady();

  return {
    ask: (name, ...given) => here(() => run(name, given)),
    close: () => here(() => driver.close()),
    reload: () =>
      here(async () => {
        await driver.executeScript('delete globalThis.probe');
        await driver.navigate().refresh();
      }),
    show: () => here(async () => undefined),
    leave: (address) => here(() => driver.get(address)),
    comeBack: () => here(() => driver.navigate().back()),
    crash: cannot,
    freeze: cannot,
    thaw: cannot,
  };
}

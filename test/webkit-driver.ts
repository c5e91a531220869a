/** WebKitGTK behind WebKitWebDriver, on a display in memory. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { Builder, Capabilities, type WebDriver } from 'selenium-webdriver';
import { webKit } from './engines.ts';

export interface WebKit {
  readonly driver: WebDriver;
  readonly close: () => Promise<void>;
}

/** Starts a browser with a driver of its own, which serves one browser at a time. */
export async function startWebKit(): Promise<WebKit> {
  const port = await freePort();
  const child = spawn('xvfb-run', ['-a', 'WebKitWebDriver', `--port=${port}`, '--host=127.0.0.1'], {
    stdio: 'ignore',
    detached: true,
  });
  await untilListening(port, child);
  const driver = await new Builder()
    .usingServer(`http://127.0.0.1:${port}`)
    .withCapabilities(
      new Capabilities({
        browserName: 'MiniBrowser',
        pageLoadStrategy: 'none',
        'webkitgtk:browserOptions': { binary: webKit.path(), args: ['--automation'] },
      }),
    )
    .build();
  await driver.manage().setTimeouts({ script: 120_000, pageLoad: 120_000 });
  return {
    driver,
    close: async () => {
      await driver.quit().catch(() => undefined);
      if (child.pid !== undefined) process.kill(-child.pid);
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new TypeError('The server has no port.');
  return address.port;
}

async function untilListening(port: number, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const answer = await fetch(`http://127.0.0.1:${port}/status`).catch(() => undefined);
    if (answer !== undefined) return;
    if (child.exitCode !== null) break;
    await wait(100);
  }
  throw new Error('WebKitWebDriver did not start.');
}

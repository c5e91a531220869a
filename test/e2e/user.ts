/** Somebody at a browser: opens the demo, signs in, presses buttons and reads what the page shows. */
import { type Browser, chromium, type Page } from 'playwright';
import { type Demo, startDemo } from '../../demo/server/demo.ts';
import { args, executablePath } from '../chromium.ts';

/** For `expect.poll`: how long a condition may take on a busy machine. */
export const SOON = { timeout: 10_000 };

/** Starts the browser. */
export async function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: executablePath(), args: [...args] });
}

/**
 * Starts servers whose access tokens live so many seconds. They stop when the test is finished. `url` is that of
 * the app, by default the plain one.
 */
export async function start(
  accessTokenLife: number,
  onTestFinished: (task: () => Promise<void>) => void,
  app: 'plain' | 'react' | 'vue' = 'plain',
): Promise<Demo> {
  const demo = await startDemo({ accessTokenLife });
  onTestFinished(demo.close);
  return { ...demo, url: `${demo.url}${app}/` };
}

/** Opens the demo where nobody has been before. Without motion the page leaves the processor to what is tested. */
export async function openDemo(browser: Browser, demo: Demo): Promise<Page> {
  const context = await browser.newContext({ reducedMotion: 'reduce' });
  const page = await context.newPage();
  await page.goto(demo.url);
  return page;
}

/** Signs in through the authorization server's page, from the button given. */
export async function signIn(page: Page, name: string, button = 'Sign in'): Promise<void> {
  await page.getByRole('button', { name: button, exact: true }).click();
  await page.getByLabel('User name').fill(name);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByTestId('user').filter({ hasText: name }).waitFor();
}

/** Opens the demo and signs in. */
export async function openSignedIn(browser: Browser, demo: Demo, name = 'ada'): Promise<Page> {
  const page = await openDemo(browser, demo);
  await signIn(page, name);
  return page;
}

/** Presses a button. */
export async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click();
}

/** Waits until the session has this status. */
export async function untilStatus(page: Page, status: string): Promise<void> {
  await page.locator(`body[data-view="${status}"]`).waitFor();
}

/** The generation that the page shows. */
export async function generation(page: Page): Promise<number> {
  return Number(await page.getByTestId('generation').textContent());
}

/** How the newest request of the journal ended, once it has. */
export async function lastRequest(page: Page): Promise<string> {
  const ending = await page.waitForFunction(() => {
    const status = document.querySelector('[data-kind="request"]')?.getAttribute('data-status');
    return status === 'waiting' ? undefined : status;
  });
  return String(await ending.jsonValue());
}

/** Presents a refresh token, as a thief or a latecomer would. Resolves with `ok` or the error's name. */
export async function present(demo: Demo, refreshToken: string | undefined): Promise<string> {
  const body = new URLSearchParams({
    grant_type: 'refresh_token',
    client_id: demo.clientId,
    refresh_token: refreshToken ?? '',
  });
  const response = await fetch(`${demo.issuer}/token`, { method: 'POST', body });
  const { error } = Object(await response.json());
  return typeof error === 'string' ? error : 'ok';
}

/** How many rotations the authorization server has granted. */
export function rotations(demo: Demo): number {
  return demo.control.counts().tokenRequests['refresh_token']?.['ok'] ?? 0;
}

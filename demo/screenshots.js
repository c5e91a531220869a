/** What `npm run screenshots` runs: takes the README's pictures of the three apps, of real tokens and real orders. */
import { writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import { indexedPng } from './indexed-png.js';
import { openLoader } from './loader.js';

const loader = await openLoader();
const { startDemo } = await loader.load('server/demo.ts');
const { args, executablePath } = await loader.load('../test/chromium.ts');
const demo = await startDemo();
await loader.close();
const browser = await chromium.launch({ executablePath: executablePath(), args: [...args] });

/** Opens an app where nobody has been before, and signs in as ada. */
async function open(path, height) {
  const context = await browser.newContext({ viewport: { width: 1280, height }, deviceScaleFactor: 1.5 });
  const page = await context.newPage();
  await page.goto(new URL(path, demo.url).href);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByLabel('User name').fill('ada');
  await page.getByRole('button', { name: 'Sign in' }).click();
  return page;
}

async function take(page, file) {
  const path = fileURLToPath(new URL(file, import.meta.url));
  // Nothing has the focus, and nothing is under the mouse.
  await page.evaluate(() => document.activeElement?.blur());
  await page.mouse.move(0, 0);
  const { width, height, pixels } = await decode((await page.screenshot()).toString('base64'));
  const picture = indexedPng(width, height, Buffer.from(pixels, 'base64'));
  writeFileSync(path, picture);
  console.log(`${path}: ${picture.length} bytes`);
  await page.context().close();
}

/** The pixels of a PNG, as the browser reads them. */
async function decode(png) {
  const page = await browser.newPage();
  return page.evaluate(async (source) => {
    const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${source}`)).blob());
    const { width, height } = image;
    const context = new OffscreenCanvas(width, height).getContext('2d');
    context.drawImage(image, 0, 0);
    const bytes = context.getImageData(0, 0, width, height).data;
    let binary = '';
    for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
    return { width, height, pixels: btoa(binary) };
  }, png);
}

/** A minute in the life of a session: with calls, an outage, and a token that is refused. */
async function takePlain() {
  const page = await open('plain/', 980);
  const press = (name) => page.getByRole('button', { name }).click();
  const settled = () => page.locator('[data-kind="request"]:not([data-status="waiting"])').first().waitFor();
  await wait(30_000);
  await press('Call the API');
  demo.control.goDown(16);
  await page.locator('body[data-view="stale"]').waitFor();
  await page.getByTestId('expires-in').filter({ hasText: 'expired' }).waitFor();
  await press('Call the API');
  await page.locator('body[data-view="active"]').waitFor();
  await settled();
  await press('100 calls at once');
  await settled();
  await wait(8_000);
  await press('Expire the access token');
  await wait(1_500);
  await press('Call the API');
  await settled();
  await wait(9_000);
  await press('Call the API');
  await settled();
  await wait(1_000);
  await take(page, 'screenshot.png');
}

async function takeReact() {
  const page = await open('react/orders/2184', 800);
  await page.getByRole('heading', { name: 'Rescue Station Aith' }).waitFor();
  await page.getByText('Maren Holm').waitFor();
  await take(page, 'react/screenshot.png');
}

async function takeVue() {
  const page = await open('vue/', 700);
  await page.getByText('Maren Holm').waitFor();
  await take(page, 'vue/screenshot.png');
}

try {
  await takeReact();
  await takeVue();
  await takePlain();
} finally {
  await browser.close();
  await demo.close();
}

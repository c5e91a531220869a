/** The engines that tests drive besides Chromium: on Linux, where their crashes and their drivers can be had. */
import { existsSync, readdirSync } from 'node:fs';
import { createInstallation, debian, type Installation, onPath } from './installation.ts';

const isLinux = process.platform === 'linux';

/** An engine's browser. */
export interface EngineBrowser extends Pick<Installation, 'path'> {
  /** Why it is not here. */
  readonly absent: string | undefined;
}

function onLinux(installation: Installation): EngineBrowser {
  const reason = isLinux ? 'it is not installed, and could not be' : 'on Linux only';
  return {
    path: installation.path,
    get absent() {
      return isLinux && installation.find() !== undefined ? undefined : reason;
    },
  };
}

/** Firefox, as Mozilla or Debian built it: Playwright drives it over WebDriver BiDi. */
export const firefox = onLinux(
  createInstallation({
    name: 'Firefox',
    variable: 'HOLDFAST_FIREFOX',
    files: () => onPath('firefox-esr', 'firefox'),
    installers: { "Debian's package": debian('firefox-esr') },
  }),
);

function webKitFiles(): readonly string[] {
  // The browser is of no use without the driver and the display.
  if (!['WebKitWebDriver', 'xvfb-run'].every((name) => onPath(name).some(existsSync))) return [];
  return readdirSync('/usr/lib').flatMap((folder) =>
    ['6.0', '4.1', '4.0'].map((version) => `/usr/lib/${folder}/webkit2gtk-${version}/MiniBrowser`),
  );
}

/** The browser that WebKitGTK brings along, in the folder of its libraries. */
export const webKit = onLinux(
  createInstallation({
    name: 'WebKitGTK',
    variable: 'HOLDFAST_WEBKIT',
    files: webKitFiles,
    installers: { "Debian's packages": debian('webkit2gtk-driver', 'xvfb', 'xauth') },
  }),
);

/** Run by vitest before the tests of a project, so that no test waits for an installation. What cannot be had is skipped. */
export const setup = (): void => {
  if (!isLinux) return;
  for (const browser of [firefox, webKit]) {
    try {
      browser.path();
    } catch {
      // Installations say themselves how they failed.
    }
  }
};

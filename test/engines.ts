/** The engines that tests drive besides Chromium. */
import { readdirSync } from 'node:fs';
import { createInstallation, debian, onPath } from './installation.ts';

/** Firefox, as Mozilla or Debian built it: Playwright drives it over WebDriver BiDi. */
export const firefoxPath = createInstallation({
  name: 'Firefox',
  variable: 'HOLDFAST_FIREFOX',
  files: () => [...onPath('firefox-esr', 'firefox'), '/Applications/Firefox.app/Contents/MacOS/firefox'],
  installers: { "Debian's package": debian('firefox-esr') },
});

/** The browser that WebKitGTK brings along, in the folder of its libraries. */
export const webKitPath = createInstallation({
  name: 'WebKitGTK',
  variable: 'HOLDFAST_WEBKIT',
  files: () =>
    readdirSync('/usr/lib').flatMap((folder) =>
      ['6.0', '4.1', '4.0'].map((version) => `/usr/lib/${folder}/webkit2gtk-${version}/MiniBrowser`),
    ),
  installers: { "Debian's packages": debian('webkit2gtk-driver', 'xvfb', 'xauth') },
});

/** WebKitGTK needs a display, and Debian's packages. */
export const hasWebKit = process.platform === 'linux';

/** Run by vitest before the tests of a project, so that no test waits for the installation. */
export const setup = (): void => {
  firefoxPath();
  if (hasWebKit) webKitPath();
};

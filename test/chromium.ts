/** The Chromium that tests drive. */
import { chromium } from 'playwright';
import { createInstallation, debian, isRoot, onPath, playwrights } from './installation.ts';

/** What Chromium is started with. It refuses to run as root inside its sandbox. */
export const args: readonly string[] = [
  ...(isRoot ? ['--no-sandbox'] : []),
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const installation = createInstallation({
  name: 'Chromium',
  variable: 'HOLDFAST_CHROMIUM',
  files: () => [
    chromium.executablePath(),
    ...onPath('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'),
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ],
  installers: { "Debian's package": debian('chromium'), "Playwright's": playwrights('chromium') },
});

/** The file to start. Installs a browser when none is found, and says so. */
export const executablePath = installation.path;

/** Run by vitest before the tests of a project, so that no test waits for the installation. */
export const setup = (): void => void executablePath();

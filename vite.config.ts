import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import type { BrowserConfigOptions } from 'vitest/node';
import manifest from './package.json' with { type: 'json' };
import { oidcDpop } from './test/backends/oidc-dpop.ts';
import { backends } from './test/backends/site.ts';
import { stands } from './test/backends/stands.ts';
import { olderReact } from './test/bindings/older-react.ts';
import { backend } from './test/browser/backend.ts';
import { args, executablePath } from './test/chromium.ts';
import { firefox, webKit } from './test/engines.ts';
import { webKitProvider } from './test/webkit-provider.ts';

const dependencies = Object.keys(manifest.dependencies);
const peers = ['react', 'vue'];
const doors = Object.keys(manifest.exports)
  .filter((door) => door !== './package.json')
  .map((door) => (door === '.' ? 'index' : door.slice('./'.length)));

// A dependency that is found while a test runs reloads the page under it.
const clients = [
  '@badgateway/oauth2-client',
  '@tanstack/query-core',
  '@urql/core',
  'axios',
  'axios-auth-refresh',
  'eventsource',
  'graphql-request',
  'ky',
  'ofetch',
  'openapi-fetch',
];
const frameworks = [
  'react',
  'react-dom',
  'react-dom/client',
  'react-dom/server',
  'react-18',
  'react-dom-18',
  'react-dom-18/client',
  'react-dom-18/server',
  'vue',
  'vue/server-renderer',
];
const optimizeDeps = { include: [...dependencies, ...clients, 'fast-check'] };

const inChromium = (...more: readonly string[]): BrowserConfigOptions => ({
  enabled: true,
  headless: true,
  screenshotFailures: false,
  instances: [{ browser: 'chromium' }],
  provider: playwright({
    launchOptions: {
      args: [...args, ...more],
      // Read when a project of the browser's runs, and not before: it may install it.
      get executablePath() {
        return executablePath();
      },
    },
  }),
});

const inFirefox: BrowserConfigOptions = {
  ...inChromium(),
  instances: [{ browser: 'firefox' }],
  provider: playwright({
    launchOptions: {
      channel: 'moz-firefox',
      get executablePath() {
        return firefox.path();
      },
    },
  }),
};

const inWebKit: BrowserConfigOptions = {
  ...inChromium(),
  headless: false,
  instances: [{ browser: 'webkit' }],
  provider: webKitProvider(),
};

// They play the lifetimes of tokens in real time, and have nothing that engines could differ in.
const longInAny = ['test/browser/servers-*.test.ts'];

const notInWebKit = [
  ...longInAny,
  // Its driver has no keyboard that vitest knows of.
  'test/browser/activity.test.ts',
  // Who stole a lock is not told when it is stolen again.
  'test/browser/{lock,presence}.test.ts',
];

// The scenarios of one engine share the machine out among themselves.
const scenarios = { fileParallelism: false, maxConcurrency: 100, testTimeout: 1_200_000, hookTimeout: 60_000 };

export default defineConfig({
  // Examples import the package by its name.
  resolve: { tsconfigPaths: true },
  build: {
    target: 'es2022',
    minify: false,
    sourcemap: true,
    lib: { entry: Object.fromEntries(doors.map((door) => [door, `src/${door}.ts`])), formats: ['es'] },
    rolldownOptions: {
      external: [...dependencies, ...peers],
      output: { preserveModules: true, preserveModulesRoot: 'src' },
      // Where modules stay as they are, so does `use client`.
      checks: { moduleLevelDirective: false },
    },
  },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            'test/*.test.ts',
            'test/{core,readme,servers,testing}/**/*.test.ts',
            'test/examples/{vitest.test.ts,react.test.tsx}',
          ],
          // A test that loops for ever ends with vitest's own process, which test/run.js kills after a while.
          pool: 'threads',
          // Some turn thousands of times; on a busy machine that takes a while.
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: { name: 'simulation', include: ['test/sim/**/*.test.ts'], pool: 'threads', testTimeout: 60_000 },
      },
      {
        extends: true,
        optimizeDeps: {
          include: [...optimizeDeps.include, ...frameworks],
          rolldownOptions: { plugins: [olderReact()] },
        },
        plugins: [backend(), stands(), backends(), oidcDpop(), olderReact()],
        test: {
          name: 'browser',
          include: ['test/{bindings,browser}/**/*.test.ts'],
          exclude: ['test/bindings/hot-reload.test.ts'],
          // Most of the time they wait.
          maxWorkers: 2,
          browser: inChromium(),
        },
      },
      {
        extends: true,
        optimizeDeps,
        plugins: [backend(), stands(), backends()],
        test:
          firefox.absent === undefined
            ? { name: 'firefox', include: ['test/browser/**/*.test.ts'], exclude: longInAny, browser: inFirefox }
            : { name: 'firefox', include: ['test/no-engine.ts'] },
      },
      {
        extends: true,
        optimizeDeps,
        plugins: [backend(), stands(), backends()],
        test:
          webKit.absent === undefined
            ? { name: 'webkit', include: ['test/browser/**/*.test.ts'], exclude: notInWebKit, browser: inWebKit }
            : { name: 'webkit', include: ['test/no-engine.ts'] },
      },
      {
        extends: true,
        optimizeDeps,
        plugins: [backend()],
        test: {
          name: 'bench',
          include: ['test/bench/**/*.bench.ts'],
          testTimeout: 120_000,
          browser: inChromium('--enable-precise-memory-info'),
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts', 'test/examples/playwright.test.ts', 'test/bindings/hot-reload.test.ts'],
          globalSetup: 'test/chromium.ts',
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          globalSetup: ['test/chromium.ts', 'test/package/packed.ts'],
          // They install packages.
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        extends: true,
        test: {
          ...scenarios,
          name: 'scenarios',
          include: ['test/scenarios/{chromium,servers}.test.ts'],
          globalSetup: 'test/chromium.ts',
        },
      },
      {
        extends: true,
        test: {
          ...scenarios,
          name: 'servers',
          include: ['test/scenarios/real-servers.test.ts'],
          globalSetup: ['test/chromium.ts', 'test/debian-servers.ts'],
        },
      },
      {
        extends: true,
        test: {
          ...scenarios,
          // Most of the time they wait.
          fileParallelism: true,
          maxWorkers: 2,
          name: 'engines',
          include: ['test/scenarios/{firefox,webkit}.test.ts'],
          globalSetup: 'test/engines.ts',
        },
      },
    ],
  },
});

/** A small app under Vite's development server, in a folder of its own that tests may edit. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import vue from '@vitejs/plugin-vue';
import { createServer, type Plugin, type ViteDevServer } from 'vite';

const packages = { react: ['react', 'react/jsx-dev-runtime', 'react-dom/client'], vue: ['vue'] };

const root = fileURLToPath(new URL('../..', import.meta.url));

export type Framework = 'react' | 'vue';

export interface HotApp {
  /** Below it, `universal` is the same app as a server renders it. */
  readonly url: string;
  /** Saves a file of it with one text in place of another. */
  readonly edit: (file: string, from: string, to: string) => void;
  readonly close: () => Promise<void>;
}

/** Renders an app on the server, from the modules of the page, which takes it over. */
async function renderApp(vite: ViteDevServer, framework: string): Promise<string> {
  const { render } = (await vite.ssrLoadModule(`/${framework}/server`)) as { readonly render: () => Promise<string> };
  const html = readFileSync(`${vite.config.root}/${framework}/index.html`, 'utf8')
    .replace('main.ts', 'hydrate.ts')
    .replace('<div id="app">', `<div id="app">${await render()}`);
  return vite.transformIndexHtml(`/${framework}/`, html);
}

const universal = (framework: Framework): Plugin => ({
  name: 'holdfast-test-universal',
  configureServer: (vite) => {
    vite.middlewares.use((request, response, next) => {
      if (request.url !== `/${framework}/universal`) return next();
      response.setHeader('content-type', 'text/html');
      void renderApp(vite, framework).then((html) => response.end(html), next);
    });
  },
});

export async function startHotApp(framework: Framework): Promise<HotApp> {
  // Below the packages, so that it finds them.
  mkdirSync(`${root}.cache`, { recursive: true });
  const folder = mkdtempSync(`${root}.cache/hot-${framework}-`);
  cpSync(new URL('hot', import.meta.url), folder, { recursive: true });
  const server = await createServer({
    configFile: false,
    root: folder,
    cacheDir: `${folder}/.vite`,
    appType: 'mpa',
    logLevel: 'error',
    plugins: [framework === 'react' ? react() : vue(), universal(framework)],
    resolve: {
      alias: [
        { find: /^holdfast$/, replacement: `${root}src/index.ts` },
        { find: /^holdfast[/](react|vue)$/, replacement: `${root}src/$1.ts` },
      ],
    },
    // Of two edits within a few milliseconds the system's watcher may tell only one: `edit` tells of each itself.
    server: { host: '127.0.0.1', port: 0, fs: { allow: [root] }, watch: null },
    // A package that is found later reloads the page.
    optimizeDeps: { include: ['broadcast-channel', 'idb-keyval', 'jose', ...packages[framework]] },
  });
  await server.listen();
  return {
    url: `${server.resolvedUrls?.local[0]}${framework}/`,
    edit: (file, from, to) => {
      const path = `${folder}/${framework}/${file}`;
      const text = readFileSync(path, 'utf8');
      if (!text.includes(from)) throw new Error(`${file} does not hold ${from}.`);
      writeFileSync(path, text.replace(from, to));
      server.watcher.emit('change', path);
    },
    close: async () => {
      await server.close();
      rmSync(folder, { recursive: true });
    },
  };
}

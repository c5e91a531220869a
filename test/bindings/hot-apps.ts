/** Two small apps under Vite's development server, in a folder of their own that tests may edit. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import vue from '@vitejs/plugin-vue';
import { createServer } from 'vite';

const ofReact = ['react', 'react/jsx-dev-runtime', 'react-dom/client'];

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface HotApps {
  readonly url: (framework: 'react' | 'vue') => string;
  /** Saves a file with one text in place of another. */
  readonly edit: (file: string, from: string, to: string) => void;
  readonly close: () => Promise<void>;
}

export async function startHotApps(): Promise<HotApps> {
  // Below the packages, so that it finds them.
  mkdirSync(`${root}.cache`, { recursive: true });
  const folder = mkdtempSync(`${root}.cache/hot-`);
  cpSync(new URL('hot', import.meta.url), folder, { recursive: true });
  const server = await createServer({
    configFile: false,
    root: folder,
    cacheDir: `${folder}/.vite`,
    appType: 'mpa',
    logLevel: 'error',
    plugins: [react(), vue()],
    resolve: {
      alias: [
        { find: /^holdfast$/, replacement: `${root}src/index.ts` },
        { find: /^holdfast[/](react|vue)$/, replacement: `${root}src/$1.ts` },
      ],
    },
    server: { host: '127.0.0.1', port: 0, fs: { allow: [root] } },
    // A package that is found later reloads the page.
    optimizeDeps: { include: ['broadcast-channel', 'idb-keyval', 'jose', ...ofReact, 'vue'] },
  });
  await server.listen();
  return {
    url: (framework) => `${server.resolvedUrls?.local[0]}${framework}/`,
    edit: (file, from, to) => {
      const text = readFileSync(`${folder}/${file}`, 'utf8');
      if (!text.includes(from)) throw new Error(`${file} does not hold ${from}.`);
      writeFileSync(`${folder}/${file}`, text.replace(from, to));
    },
    close: async () => {
      await server.close();
      rmSync(folder, { recursive: true });
    },
  };
}

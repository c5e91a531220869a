/** What `npm run demo` runs: starts everything, prints the URL, and stops on Ctrl-C. */
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';

// Not the frameworks' slow builds with their warnings, which Vite's development server would choose.
process.env.NODE_ENV ??= 'production';

// Node 20 cannot read TypeScript: Vite loads the servers, and is done as soon as they listen.
const loader = await createServer({
  configFile: false,
  root: fileURLToPath(new URL('.', import.meta.url)),
  appType: 'custom',
  logLevel: 'error',
  server: { middlewareMode: true, ws: false, watch: null },
  optimizeDeps: { noDiscovery: true },
});
const { startDemo } = await loader.ssrLoadModule('/server/demo.ts');
const demo = await startDemo({ ports: { app: Number(process.env.PORT ?? 0) } });
await loader.close();

console.log(`holdfast demo: ${demo.url}`);
console.log('Stop it with Ctrl-C.');

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    void demo.close().then(() => process.exit(0));
  });
}

// The apps are built when they are first asked for.
await Promise.all(['plain/', 'react/', 'vue/'].map((app) => fetch(new URL(app, demo.url))));

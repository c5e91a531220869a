/** What `npm run demo` runs: starts everything, prints the URL, and stops on Ctrl-C. */
import { openLoader } from './loader.js';

const loader = await openLoader();
const { startDemo } = await loader.load('server/demo.ts');
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

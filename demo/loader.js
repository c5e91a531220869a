/** Loads modules in TypeScript, which Node 20 cannot read: Vite does. */
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';

// Not the frameworks' slow builds with their warnings, which Vite's development server would choose.
process.env.NODE_ENV ??= 'production';

/** Opens a loader, to be closed when what was loaded has loaded all that it wants itself. Paths are relative to this folder. */
export async function openLoader() {
  const server = await createServer({
    configFile: false,
    root: fileURLToPath(new URL('.', import.meta.url)),
    appType: 'custom',
    logLevel: 'error',
    server: { middlewareMode: true, ws: false, watch: null },
    optimizeDeps: { noDiscovery: true },
  });
  return {
    load: (path) => server.ssrLoadModule(fileURLToPath(new URL(path, import.meta.url))),
    close: () => server.close(),
  };
}

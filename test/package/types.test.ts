/** The package's types, for those who check all that they install. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, inject, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { freshFolder, INSTALL, type FreshFolder } from './fresh-folder.ts';

const { react, vue, '@types/react': reactTypes } = manifest.devDependencies;
const COMPILERS = ['5.4.5', '6.0.3', '7.0.2'];
/** With the modules that each goes with. */
const RESOLUTIONS = { nodenext: 'nodenext', bundler: 'esnext' };
const doors = Object.keys(manifest.exports).filter((door) => door !== './package.json');

const APP = `
${doors.map((door, index) => `import * as door${index} from '${door.replace('.', 'holdfast')}';`).join('\n')}
import { createSession, oauth2, type Session } from 'holdfast';

const session: Session = createSession({ server: oauth2({ tokenEndpoint: '/oauth/token', clientId: 'spa' }) });
export const response: Promise<Response> = session.fetch('/api/orders');
export const all = [${doors.map((_, index) => `door${index}`).join()}];
`;

const projectOf = (moduleResolution: string, module: string): string =>
  JSON.stringify({
    compilerOptions: {
      module,
      moduleResolution,
      target: 'es2022',
      lib: ['es2022', 'dom', 'dom.iterable'],
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
    },
    files: ['app.ts'],
  });

let folder: FreshFolder;

beforeAll(async () => {
  folder = freshFolder();
  writeFileSync(join(folder.path, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder.path, 'app.ts'), APP);
  for (const [resolution, module] of Object.entries(RESOLUTIONS))
    writeFileSync(join(folder.path, `${resolution}.json`), projectOf(resolution, module));
  const compilers = COMPILERS.map((version) => `typescript-${version}@npm:typescript@${version}`);
  await folder.npm([
    ...INSTALL,
    inject('packed').tarball,
    `react@${react}`,
    `@types/react@${reactTypes}`,
    `vue@${vue}`,
    ...compilers,
  ]);
  return folder.remove;
});

const every = COMPILERS.flatMap((version) =>
  Object.keys(RESOLUTIONS).map((resolution) => [version, resolution] as const),
);

test.for(every)('TypeScript %s takes all doors under %s, skipLibCheck off', async ([version, resolution]) => {
  const compiler = join('node_modules', `typescript-${version}`, 'bin', 'tsc');
  expect(await folder.node(compiler, '-p', `${resolution}.json`)).toBe('');
});

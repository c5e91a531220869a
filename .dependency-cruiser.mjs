const npm = (name) => `^node_modules/${name}/`;
const door = '^src/[^/]+[.]ts$';
const composer = '^src/create-session[.]ts$';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'core-imports-only-core',
      severity: 'error',
      from: { path: '^src/core/', pathNot: '^src/core/tokens[.]ts$' },
      to: { pathNot: '^src/core/' },
    },
    {
      name: 'core-tokens-imports-only-core-and-jose',
      severity: 'error',
      from: { path: '^src/core/tokens[.]ts$' },
      to: { pathNot: ['^src/core/', npm('jose')] },
    },
    {
      name: 'browser-imports-only-core-and-npm',
      severity: 'error',
      from: { path: '^src/browser/' },
      to: { pathNot: ['^src/(browser|core)/', '^node_modules/'] },
    },
    {
      name: 'broadcast-channel-stays-in-tabs',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/browser/tabs[.]ts$' },
      to: { path: npm('broadcast-channel') },
    },
    {
      name: 'idb-keyval-stays-in-database',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/browser/database[.]ts$' },
      to: { path: npm('idb-keyval') },
    },
    {
      name: 'servers-import-types-and-pure-parsers',
      severity: 'error',
      from: { path: '^src/servers/' },
      to: {
        path: '^src/',
        pathNot: ['^src/servers/', '^src/core/(types|tokens|refusal|challenge|options|scope)[.]ts$'],
      },
    },
    {
      name: 'only-create-session-joins-core-and-browser',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/browser/', composer, '^src/patch[.]ts$'] },
      to: { path: '^src/browser/' },
    },
    {
      name: 'the-patch-door-opens-patches',
      severity: 'error',
      from: { path: '^src/patch[.]ts$' },
      to: { pathNot: '^src/browser/patch-[a-z]+[.]ts$' },
    },
    {
      name: 'bindings-import-types',
      severity: 'error',
      from: { path: '^src/bindings/' },
      to: { path: '^src/', pathNot: '^src/core/types[.]ts$' },
    },
    {
      // Nothing of the core's ends up in them.
      name: 'bindings-import-nothing-else-at-run-time',
      severity: 'error',
      from: { path: '^src/bindings/' },
      to: { path: '^src/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'bindings-import-their-framework',
      severity: 'error',
      from: { path: '^src/bindings/([^/]+)[.]ts$' },
      to: { path: '^node_modules/', pathNot: '^node_modules/(@types/)?$1/' },
    },
    {
      name: 'the-doors-of-bindings-open-bindings',
      severity: 'error',
      from: { path: '^src/(react|vue)[.]ts$' },
      to: { pathNot: '^src/bindings/$1[.]ts$' },
    },
    {
      name: 'doors-are-imported-by-nobody',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: door, pathNot: composer },
    },
    { name: 'src-stays-in-src', severity: 'error', from: { path: '^src/' }, to: { path: '^(test|demo)/' } },
    { name: 'demo-uses-doors', severity: 'error', from: { path: '^demo/' }, to: { path: '^src/', pathNot: door } },
    {
      name: 'src-runs-on-dependencies',
      severity: 'error',
      // Theirs are of the app's own.
      from: { path: '^src/', pathNot: '^src/bindings/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'npm-optional', 'core'] },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-grab-bags',
      severity: 'error',
      from: {},
      to: { path: '^(src|test|demo)/.*(utils?|helpers?|common|misc)[./]' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Types count: a direction holds for them as well.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};

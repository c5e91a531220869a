/** The sizes of the bindings: what they import of React and Vue is imported by name, as in an app, and not counted. */
const asModule = (config) => ({ ...config, format: 'esm' });

export default ['react', 'vue'].map((framework) => ({
  name: `holdfast/${framework}`,
  path: `dist/${framework}.js`,
  ignore: [framework],
  modifyEsbuildConfig: asModule,
  limit: '500 B',
}));

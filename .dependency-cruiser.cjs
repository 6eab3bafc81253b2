/**
 * Who may import whom, as data; `.dependency-cruiser.rooms.mjs` has the rules about folders. `test/boundaries` plants one violation of each rule and expects it
 * to be caught.
 *
 *   cli → {engines → {compiler, installer}, models, datasets, optimizers, evaluators, loggers, interop} → core → tensor
 *   cli → ui → web → {compiler, puzzles, core};  compiler → tensor;  puzzles: on its own;  tfjs (TF.js' gradients): for whoever differentiates
 */

const FOUNDATION = 'tensor|core|tfjs';
const PLUGIN_PACKAGES = 'engines|models|datasets|optimizers|evaluators|loggers|interop';
const TEST_FILES = '\\.(test|engine-test)\\.tsx?$';

/** Only files below `rooms` may import the npm package `name`. */
const onlyImporter = (name, rooms) => ({
  name: `${name.replace(/[^a-z]+/g, '-')}-stays-in-its-room`,
  comment: `${name} is imported only in ${rooms.join(' and ')}`,
  severity: 'error',
  from: { path: '^packages/', pathNot: [...rooms.map((room) => `^${room}`), TEST_FILES] },
  to: { path: `(^|/)node_modules/${name}(/|$)` },
});

module.exports = {
  forbidden: [
    {
      name: 'core-knows-no-package',
      comment: 'core names no plugin package: pipelines join them',
      severity: 'error',
      from: { path: '^packages/core/' },
      to: { path: '^packages/(?!(core|tensor|tfjs)/)' },
    },
    {
      name: 'core-has-no-native-tensors',
      comment: 'core writes against the TF.js API (tfjs-core); backends belong to engines',
      severity: 'error',
      from: { path: '^packages/core/src/', pathNot: [TEST_FILES, '^packages/core/src/testing/'] },
      to: { path: 'node_modules/(@tensorflow/(?!tfjs-core(/|$))|onnxruntime)' },
    },
    {
      name: 'plugin-packages-stay-apart',
      comment: 'plugins of different kinds never import each other: a pipeline joins them',
      severity: 'error',
      from: { path: `^packages/(${PLUGIN_PACKAGES})/` },
      to: {
        path: '^packages/',
        pathNot: `^packages/($1|${FOUNDATION}|compiler|installer|puzzles)/`,
      },
    },
    {
      name: 'compiler-is-for-engines',
      comment: 'plugins describe computations; only engines (and what exports them) compile them',
      severity: 'error',
      from: { path: '^packages/(?!(compiler|engines|web|cli)/)', pathNot: TEST_FILES },
      to: { path: '^packages/compiler/' },
    },
    {
      name: 'installer-is-for-engines',
      comment: 'only engines and the command line find and fetch engines',
      severity: 'error',
      from: { path: '^packages/(?!(installer|engines|cli)/)', pathNot: TEST_FILES },
      to: { path: '^packages/installer/' },
    },
    {
      name: 'tensor-stands-alone',
      comment: 'tensor is the lowest layer: it imports tfjs-core and nothing else, not even Node',
      severity: 'error',
      from: { path: '^packages/tensor/', pathNot: TEST_FILES },
      to: { pathNot: ['^packages/tensor/', 'node_modules/@tensorflow/tfjs-core/'] },
    },
    {
      name: 'compiler-stands-alone',
      comment: 'the compiler can be used without Eddy: nothing of pipelines, nothing native',
      severity: 'error',
      from: { path: '^packages/compiler/', pathNot: TEST_FILES },
      to: { path: ['^packages/(?!(compiler|tensor|tfjs)/)', 'node_modules/(koffi|onnxruntime)'] },
    },
    {
      name: 'installer-knows-no-engine',
      comment: 'the installer finds and fetches files; engines load them',
      severity: 'error',
      from: { path: '^packages/installer/' },
      to: { path: '^packages/(?!(installer|tensor|core)/)' },
    },
    {
      name: 'puzzles-for-data-and-display',
      comment: 'grid symmetries and drawings are for datasets, evaluators and loggers',
      severity: 'error',
      from: { path: '^packages/(tensor|compiler|installer|core|engines|models|optimizers)/' },
      to: { path: '^packages/puzzles/' },
    },
    {
      name: 'puzzles-stand-alone',
      comment: 'puzzles imports nothing of Eddy',
      severity: 'error',
      from: { path: '^packages/puzzles/' },
      to: { path: '^packages/(?!puzzles/)' },
    },
    {
      name: 'engine-processes-start-light',
      comment: 'an engine process loads errors, specs and graphs, not core and not TF.js',
      severity: 'error',
      from: {
        path: '^packages/(compiler/src/(graph|ops)/|engines/src/(pjrt/(binding|host)/|tensorflow/host/|process/serve\\.))',
        pathNot: TEST_FILES,
      },
      to: {
        path: '^packages/(core/src/|(tensor|compiler)/src/index)',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'the-page-only-reads',
      comment:
        'the page projects run folders: it knows core and what a browser draws, no plugin package',
      severity: 'error',
      from: { path: '^packages/ui/', pathNot: TEST_FILES },
      to: { path: '^packages/(?!(ui|web|core|tensor)/)' },
    },
    {
      name: 'what-a-browser-draws',
      comment: 'grids and models in a browser need graphs and puzzles, no plugin package',
      severity: 'error',
      from: { path: '^packages/web/', pathNot: TEST_FILES },
      to: { path: '^packages/(?!(web|core|compiler|puzzles|tensor|tfjs)/)' },
    },
    {
      name: 'nothing-imports-the-page',
      comment: 'a pipeline runs without its page',
      severity: 'error',
      from: { path: '^packages/(?!(ui|web|cli)/)' },
      to: { path: '^packages/(ui|web)/' },
    },
    {
      name: 'nothing-imports-the-cli',
      severity: 'error',
      from: { path: '^packages/(?!cli/)' },
      to: { path: '^packages/cli/' },
    },
    {
      name: 'packages-by-name',
      comment: 'another package is imported by its name, never by a relative path',
      severity: 'error',
      from: { path: '^packages/([^/]+)/' },
      to: { path: '^packages/(?!$1/)', dependencyTypes: ['local'] },
    },
    {
      name: 'plugins-are-loaded-not-imported',
      comment: 'a *.plugin.ts is reached through its manifest; only an index or a test names it',
      severity: 'error',
      // `auto` is a choice among its neighbours.
      from: {
        path: '^packages/',
        pathNot: [
          '(^|/)index\\.ts$',
          'engines/src/auto\\.plugin\\.ts$',
          'core/src/testing/toy-stages\\.ts$',
          TEST_FILES,
        ],
      },
      to: { path: '\\.plugin\\.ts$' },
    },
    onlyImporter('inversify', ['packages/core/src/plugin/inversify.ts']),
    onlyImporter('cosmiconfig', ['packages/core/src/config/']),
    onlyImporter('apache-arrow', ['packages/core/src/data/']),
    onlyImporter('koffi', [
      'packages/engines/src/pjrt/',
      'packages/engines/src/mpi/',
      'packages/engines/src/process/shared-memory.ts',
      'packages/core/src/run/',
    ]),
    {
      name: 'no-circles',
      comment: 'modules that need each other are one module, or lack the piece that both need',
      severity: 'error',
      from: { path: '^packages/' },
      to: { circular: true },
    },
    {
      name: 'nothing-unresolved',
      comment: 'an import that the checker cannot follow is one whose rules it cannot hold',
      severity: 'error',
      from: { path: '^packages/' },
      // Only `require` finds this file of the package; the checker follows what `import` would.
      to: { couldNotResolve: true, pathNot: '^apache-arrow/Arrow\\.es2015\\.min$' },
    },
    {
      name: 'tests-are-leaves',
      comment: 'nothing imports a test',
      severity: 'error',
      from: {},
      to: { path: TEST_FILES },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules/(?!@eddy/)' },
    exclude: { path: '(^|/)dist/' },
    // Imports of types count: a type of another package is a dependence on it.
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@eddy/source', 'import', 'node', 'types', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.d.ts'],
    },
  },
};

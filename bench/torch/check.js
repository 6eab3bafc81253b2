/** `npm run bench:check-torch`: the PyTorch step of the benchmark against the reference's numbers. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { findTorch } from './python.js';

const besideRepository = resolve(import.meta.dirname, '../../../shared/fixtures');
const fixtures = process.env['EDDY_FIXTURES'] ?? besideRepository;
const torch = findTorch();

if ('missing' in torch) {
  console.error(torch.missing);
  process.exitCode = 1;
} else if (!existsSync(fixtures)) {
  console.error(`no fixtures in ${fixtures}; set EDDY_FIXTURES to their folder`);
  process.exitCode = 1;
} else {
  const script = join(import.meta.dirname, 'check.py');
  const args = [script, fixtures, ...process.argv.slice(2)];
  process.exitCode = spawnSync(torch.python, args, { stdio: 'inherit' }).status ?? 1;
}

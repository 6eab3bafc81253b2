/** Global setup of the lanes that run from sources: `@eddy/tfjs` is the one package that has none. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

export default function buildTfjs(): void {
  const folder = resolve(import.meta.dirname, '../packages/tfjs');
  if (existsSync(resolve(folder, 'dist/register.js'))) return;
  spawnSync(process.execPath, ['bundle.js'], { cwd: folder, stdio: 'inherit' });
}

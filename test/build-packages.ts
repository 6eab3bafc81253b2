/**
 * Global setup of the lanes that run what users run: brings `dist` up to date with the sources, bundled pages too.
 * Type errors are `npm run check`'s business; the compiler emits in spite of them.
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

/** A key of this process: every lane loads a copy of this file. */
const done = globalThis as { isBuilt?: boolean };

export default function buildPackages(): void {
  // Each lane has it run, in one process.
  if (done.isBuilt === true) return;
  done.isBuilt = true;
  const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const root = resolve(import.meta.dirname, '..');
  const { status, stdout } = spawnSync(process.execPath, [compiler, '-b'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) console.warn(`the build has errors:\n${stdout}`);
  for (const name of ['core', 'web', 'ui']) {
    const cwd = resolve(root, 'packages', name);
    spawnSync(process.execPath, ['bundle.js'], { cwd, stdio: 'inherit' });
  }
}

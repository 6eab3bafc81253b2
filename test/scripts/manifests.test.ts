import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { freshFolder } from '@eddy/core/testing';
import { describe, expect, it } from 'vitest';

const repository = resolve(import.meta.dirname, '../..');

/** A copy of one package, whose package.json may be changed. */
function copyOf(name: string, packages: string): string {
  const from = join(repository, 'packages', name);
  for (const part of ['package.json', 'src', 'dist']) {
    cpSync(join(from, part), join(packages, name, part), { recursive: true });
  }
  symlinkSync(join(repository, 'node_modules'), join(packages, 'node_modules'));
  return join(packages, name, 'package.json');
}

function manifests(...args: string[]): { status: number | null; stdout: string } {
  const script = join(repository, 'scripts/manifests.js');
  return spawnSync(process.execPath, [script, ...args], { cwd: repository, encoding: 'utf8' });
}

describe('npm run manifests', () => {
  const folder = freshFolder();

  it('finds that each package.json lists its plugin files', () => {
    expect(manifests('--check')).toMatchObject({ status: 0, stdout: '' });
  });

  it.each([
    ['another summary', (text: string) => text.replace(/"summary": "[^"]*"/, '"summary": "other"')],
    [
      'an export that points elsewhere',
      (text: string) => text.replaceAll('ema.plugin', 'mea.plugin'),
    ],
    [
      'a plugin that is not there',
      (text: string) => text.replace('"name": "ema"', '"name": "emma"'),
    ],
  ])('refuses %s, and writes it right', (_, change) => {
    const packageJson = copyOf('optimizers', folder.path);
    const right = readFileSync(packageJson, 'utf8');
    writeFileSync(packageJson, change(right));
    expect(readFileSync(packageJson, 'utf8')).not.toBe(right);

    const check = manifests('--check', '--packages', folder.path);
    expect(check.status).toBe(1);
    expect(check.stdout).toContain('optimizers/package.json differs from its plugin files');
    expect(check.stdout).toContain('npm run manifests');

    expect(manifests('--packages', folder.path).status).toBe(0);
    expect(readFileSync(packageJson, 'utf8')).toBe(right);
  });
});

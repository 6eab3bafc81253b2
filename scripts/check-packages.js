/**
 * `npm run check:packages`: packs every package as it would be published and checks the archives with publint
 * (package.json leads to files that are there) and "are the types wrong" (types and code are found alike by Node and by
 * TypeScript's `node16` and `bundler`). Prints what is wrong and fails.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const LEFT_OUT = new Set(['node10', 'node16-cjs']);
const repository = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'eddy-packed-'));
try {
  const problems = [];
  for (const { name, filename } of pack()) {
    const archive = readFileSync(join(folder, filename));
    problems.push(...(await publintProblems(archive)).map((text) => `${name}: ${text}`));
    problems.push(...(await typeProblems(archive)).map((text) => `${name}: ${text}`));
  }
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** @returns {{ name: string, filename: string }[]} */
function pack() {
  const args = ['pack', '--workspaces', '--json', '--pack-destination', folder];
  const { status, stdout, stderr } = spawnSync('npm', args, { cwd: repository, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm pack failed:\n${stderr}`);
  // Scripts of packages may print before the list.
  return JSON.parse(stdout.slice(stdout.indexOf('[\n')));
}

/** @param {Buffer} archive */
async function publintProblems(archive) {
  const tarball = /** @type {ArrayBuffer} */ (new Uint8Array(archive).buffer);
  const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
  return messages.map((message) => formatMessage(message, pkg, { color: false }) ?? message.code);
}

/**
 * Resolution by Node 10, which knows no `exports`, and by `require` of CommonJS are left out: the packages are ES modules
 * for Node 20.19, which requires those as well.
 *
 * @param {Buffer} archive
 */
async function typeProblems(archive) {
  const checked = await checkPackage(createPackageFromTarballData(new Uint8Array(archive)), {
    excludeEntrypoints: [/\.css$/],
  });
  if (!checked.types) return ['has no types'];
  return checked.problems
    .filter((problem) => !('resolutionKind' in problem) || !LEFT_OUT.has(problem.resolutionKind))
    .map((problem) => JSON.stringify(problem));
}

/** Each package has a README whose TypeScript runs as it stands there and prints what its comments say. */
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';

const packages = resolve(import.meta.dirname, '../../packages');
const readme = (name: string) => readFileSync(join(packages, name, 'README.md'), 'utf8');

/** The first TypeScript block of a README. The compiler's has a test of its own. */
const example = (name: string) => /^```ts\n([^]*?)^```/m.exec(readme(name))?.[1];
const printing = readdirSync(packages).filter((name) => example(name)?.includes('console.log'));

describe.each(readdirSync(packages))('the README of %s', (name) => {
  it('begins with the name of the package and a sentence', () => {
    const [title, , first] = readme(name).split('\n');
    expect(title).toBe(`# @eddy/${name}`);
    expect(first).toMatch(/^[A-Z@`\w].{20,}/);
  });
});

describe.each(printing)('the example of %s', (name) => {
  let folder: string;
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('prints what its comments say', async () => {
    // Inside of the package, whose dependencies it imports by name.
    const dist = join(packages, name, 'dist');
    await mkdir(dist, { recursive: true });
    folder = await mkdtemp(join(dist, 'readme-'));
    const file = join(folder, 'example.ts');
    await writeFile(file, `${example(name)!}\nexport {};\n`);
    const log = vi.spyOn(console, 'log').mockReturnValue();
    await import(pathToFileURL(file).href);
    const printed = log.mock.calls.map((values) => values.map(shown).join(' '));
    log.mockRestore();
    const promised = [...example(name)!.matchAll(/^ *\/\/ prints (.*)$/gm)].map(([, line]) => line);
    expect(promised.length).toBeGreaterThan(0);
    expect(printed.slice(0, promised.length)).toEqual(promised);
  });
});

/** A value as Node prints it on one line. */
function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

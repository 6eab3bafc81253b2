/** The example of the README, run as it stands there. */
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { LoweredProgram } from './index.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const [, example] = /^```ts\n([^]*?)^```/m.exec(readme)!;
const [, beginning] = /^```mlir\n([^]*?)^```/m.exec(readme)!;

describe('the example of the README', () => {
  let folder: string;
  let result: Pick<LoweredProgram, 'text' | 'results' | 'flops'>;
  beforeAll(async () => {
    // Inside of the package, whose dependencies it imports by name.
    const dist = join(import.meta.dirname, '../dist');
    await mkdir(dist, { recursive: true });
    folder = await mkdtemp(join(dist, 'readme-'));
    const file = join(folder, 'example.ts');
    await writeFile(file, `${example!}\nexport { text, results, flops };\n`);
    result = (await import(pathToFileURL(file).href)) as typeof result;
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('has about twenty lines', () => {
    expect(example!.trim().split('\n').length).toBeLessThanOrEqual(20);
  });

  it('begins as the README shows, and has as many operations', () => {
    expect(result.text.startsWith(beginning!.trimEnd())).toBe(true);
    const operations = result.text.match(/^%\d+ = stablehlo/gm)!;
    const [, count] = /here of (\d+) operations/.exec(readme)!;
    expect(operations).toHaveLength(Number(count));
  });

  it('names its results and counts its products', () => {
    expect(result.results.map(({ name }) => name)).toEqual(['loss', 'w']);
    // x·w and its gradient by w, each 8·4·2 multiplications and as many additions.
    expect(result.flops).toBe(2 * 2 * 8 * 4 * 2);
  });
});

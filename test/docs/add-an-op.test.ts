/** What CONTRIBUTING says about adding an op, done to a copy of the compiler. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import type * as Compiler from '@eddy/compiler';
import type * as Testing from '@eddy/compiler/testing';
import { sharedFolder } from '@eddy/core/testing';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

const repository = resolve(import.meta.dirname, '../..');
const page = readFileSync(join(repository, 'CONTRIBUTING.md'), 'utf8');
const section = /^## Add an op\n([^]*?)^## /m.exec(page)![1]!;

interface Block {
  readonly file: string;
  /** The list or table that the code becomes a part of; the end of the file where absent. */
  readonly inside: string | undefined;
  readonly code: string;
}

const blocks = [...section.matchAll(/^```ts\n\/\/ (\S+\.ts)(?:, in (\w+))?\n([^]*?)^```/gm)].map(
  ([, file, inside, code]): Block => ({ file: file!, inside, code: code! }),
);

const folder = sharedFolder();
const inCopy = (file: string) => join(folder.path, file);

async function apply({ file, inside, code }: Block): Promise<void> {
  const source = await readFile(inCopy(file), 'utf8');
  if (inside === undefined) return writeFile(inCopy(file), `${source}\n${code}`);
  const opening = new RegExp(`^export const ${inside}\\b.*[[{]$`, 'm').exec(source);
  expect(opening, `${inside} in ${file}`).not.toBeNull();
  const at = opening!.index + opening![0].length;
  return writeFile(inCopy(file), `${source.slice(0, at)}\n${code}${source.slice(at)}`);
}

/** What TypeScript says about files of the copy and what they import. */
async function problems(files: object): Promise<string> {
  const config = {
    extends: join(repository, 'tsconfig.base.json'),
    compilerOptions: {
      ...{ composite: false, declaration: false, declarationMap: false, sourceMap: false },
      ...{ noEmit: true, typeRoots: [join(repository, 'node_modules/@types')] },
    },
    ...files,
  };
  await writeFile(inCopy('tsconfig.json'), JSON.stringify(config));
  const tsc = join(repository, 'node_modules/typescript/bin/tsc');
  return new Promise((done) => {
    execFile(process.execPath, [tsc, '-p', folder.path], { cwd: folder.path }, (_error, stdout) => {
      done(stdout);
    });
  });
}

const load = <T>(file: string) => import(pathToFileURL(inCopy(file)).href) as Promise<T>;

beforeAll(async () => {
  const compiler = join(repository, 'packages/compiler');
  await mkdir(inCopy('packages/compiler'), { recursive: true });
  await cp(join(compiler, 'src'), inCopy('packages/compiler/src'), { recursive: true });
  await cp(join(compiler, 'package.json'), inCopy('packages/compiler/package.json'));
  await symlink(join(repository, 'node_modules'), inCopy('node_modules'));
  for (const block of blocks) await apply(block);
});

describe('an op that is added as CONTRIBUTING says', () => {
  it('takes a definition, a kernel and a case', () => {
    expect(blocks.map(({ file }) => file.replace('packages/compiler/src/', ''))).toEqual([
      'ops/element-wise.ts',
      'trace/kernels/unary.ts',
      'testing/op-cases/element-wise.ts',
    ]);
  });

  it('is lowered to StableHLO', async () => {
    const { toStableHlo } = await load<typeof Compiler>('packages/compiler/src/index.ts');
    const { text } = toStableHlo({
      inputs: { x: { shape: [3], dtype: 'float32' } },
      run: ({ x }) => ({ y: tf.engine().runKernel<tf.Tensor>('Cbrt', { x: x! }) }),
    });
    expect(text).toContain('%0 = stablehlo.cbrt %arg0 : tensor<3xf32>');
  });

  it('means what its case says', async () => {
    const testing = 'packages/compiler/src/testing';
    const { opCases } = await load<Pick<typeof Testing, 'opCases'>>(`${testing}/op-cases/index.ts`);
    const { checkOp } = await load<Pick<typeof Testing, 'checkOp'>>(`${testing}/check-op.ts`);
    const { interpreterTarget } = await load<Pick<typeof Testing, 'interpreterTarget'>>(
      `${testing}/targets.ts`,
    );
    const target = interpreterTarget('float32');
    const added = opCases.find(({ op }) => op === 'cbrt')!;
    expect(await checkOp(added, 'value', target)).toBeUndefined();
    const wrong = { ...added, expected: { ...added.expected!, data: Float32Array.of(-2, 0, 4) } };
    expect(await checkOp(wrong, 'value', target)).toContain('element 2: expected 4, received 3');
  });

  it('compiles, and without any of its parts does not', async () => {
    expect(await problems({ files: blocks.map((block) => block.file) })).toBe('');
    const [{ file, code }] = blocks as [Block];
    const parts = [...code.matchAll(/^ {2}(\w+):/gm)].map(([, part]) => part!);
    expect(parts).toEqual(['takes', 'meaning', 'stablehlo', 'onnx', 'tensorflow']);
    for (const part of parts) {
      const without = code
        .replace(new RegExp(`^ {2}${part}:[^]*?(?=^ {2}\\w|^\\}\\))`, 'm'), '')
        .replace('const cbrt', `const without_${part}`);
      await apply({ file, inside: undefined, code: without });
    }
    const said = await problems({ files: [file] });
    for (const part of parts) expect(said).toContain(`Property '${part}' is missing`);
    expect(said.match(/error TS/g)).toHaveLength(parts.length);
  });
});

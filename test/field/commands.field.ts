/** Commands of the reference as people keep them: the experiment that they are, or a refusal that says what was not understood. */
import { cp } from 'node:fs/promises';

import { beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { here } from './here.ts';

const held = here();

const MAZE = 'data_paths="[data/maze-30x30-hard-1k]"';

interface Translated {
  readonly build: { readonly dataset: unknown };
  readonly train: Readonly<Record<string, unknown>>;
}

let made = 0;

async function translated(...words: string[]) {
  const file = `made-${made++}.yml`;
  const { exitCode, output } = await held.place.pipeline(['from-reference', ...words, '-o', file]);
  expect(exitCode, output).toBe(0);
  const { build, train } = parse(await held.place.read(file)) as Translated;
  return { build, train, output };
}

async function refused(...words: string[]): Promise<string> {
  const { exitCode, output } = await held.place.pipeline([
    'from-reference',
    ...words,
    '-o',
    'made.yml',
  ]);
  expect({ exitCode, wrote: held.place.has('made.yml') }, output).toEqual({
    exitCode: 2,
    wrote: false,
  });
  return output;
}

describe('nothing is put in place of what was not understood', () => {
  it.each([
    ['a greeting', 'echo good morning', 'no training command (pretrain.py) was found'],
    ['a training of somebody else', 'python finetune.py arch=trm epochs=5', 'finetune.py'],
    ['an evaluation', 'torchrun --nproc-per-node 2 evaluate.py checkpoint=c/step_9', 'pipeline import step_N'], // prettier-ignore
    ['a value of the user that is nowhere', `python pretrain.py arch=trm ${MAZE} lr=$MY_RATE`, '$MY_RATE is not set'], // prettier-ignore
    ['a key of a fork', `python pretrain.py arch=trm ${MAZE} arch.memory_slots=8`, 'arch.memory_slots'], // prettier-ignore
    ['two trainings', `python pretrain.py arch=trm ${MAZE} seed=1; python pretrain.py arch=trm ${MAZE} seed=2`, '--training 1'], // prettier-ignore
    ['a negative rate', `python pretrain.py arch=trm ${MAZE} lr=-3e-4`, 'a number from 0'],
    ['a file of settings that is not here', `python pretrain.py --config-name mine ${MAZE}`, '--config-name mine'], // prettier-ignore
    ['half a command', `python pretrain.py arch=trm ${MAZE} "epochs=5`, 'line 1'],
    ['Python', 'os.system("python pretrain.py arch=trm")', 'this is Python'],
    ['overrides on a line of their own', `python pretrain.py arch=trm ${MAZE}\n+run_name=x ema=True`, 'line 2'], // prettier-ignore
    ['a group of another project', 'torchrun pretrain.py arch/size@arch=XL lr=2e-4', 'arch/size@arch=XL'], // prettier-ignore
  ])('%s', async (_what, text, told) => {
    expect(await refused(text)).toContain(told);
  });

  it('not even for two arguments that are two commands', async () => {
    const one = (seed: number) => `python pretrain.py arch=trm ${MAZE} seed=${seed}`;
    expect(await refused(one(1), one(2))).toContain('REFERENCE_TRAININGS_SEVERAL');
  });
});

describe('what a shell does with a line is done here', () => {
  it.each([
    ['threads in front', `MKL_NUM_THREADS=4 python pretrain.py arch=trm ${MAZE} epochs=600`],
    ['a device and a tool in front', `CUDA_VISIBLE_DEVICES=1,2 uv run python pretrain.py arch=trm ${MAZE} epochs=600`], // prettier-ignore
    ['a name on a line before', `tag="night"\ntorchrun --nproc-per-node 2 pretrain.py arch=trm ${MAZE} epochs=600 +run_name=$tag`], // prettier-ignore
    ['a blank behind the backslash', `python pretrain.py arch=trm ${MAZE} \\  \n  epochs=600`],
    ['lines of Windows', `python pretrain.py arch=trm ^\r\n  ${MAZE} ^\r\n  epochs=600\r\n`],
    ['a log and a copy of it', `python -u pretrain.py arch=trm ${MAZE} epochs=600 2>> err.log | tee -a out.log`], // prettier-ignore
    ['the background', `nohup python pretrain.py arch=trm ${MAZE} epochs=600 &> all.log & disown`],
    ['a batch system', `sbatch --gpus=2 --wrap 'cd TRM; srun python pretrain.py arch=trm ${MAZE} epochs=600'`], // prettier-ignore
    [
      'a container',
      `podman run --rm -it trm sh -c 'python3 pretrain.py arch=trm ${MAZE} epochs=600'`,
    ],
    ['a job of a cluster', `kubectl exec trm-0 -- python pretrain.py arch=trm ${MAZE.replaceAll('"', '')} epochs=600`], // prettier-ignore
    ['a restart until it works', `until python pretrain.py arch=trm ${MAZE} epochs=600; do sleep 9; done`], // prettier-ignore
    ['a test that decides', `G=1\nif (( G > 9 )); then :; fi\nif [ $G -gt 1 ]; then L="torchrun"; else L="python"; fi\n$L pretrain.py arch=trm ${MAZE} epochs=600`], // prettier-ignore
    ['a function that shifts', `go() { local s=$1; shift; python pretrain.py arch=trm seed=$s "$@"; }\ngo 0 ${MAZE} epochs=600`], // prettier-ignore
    ['a here-document', `ssh box bash <<END\npython pretrain.py arch=trm ${MAZE} epochs=600\nEND`],
    ['DeepSpeed', `deepspeed --num_gpus 2 pretrain.py arch=trm ${MAZE} epochs=600`],
    ['two nodes', `torchrun --nnodes=2 --nproc-per-node=8 pretrain.py arch=trm ${MAZE} epochs=600`],
  ])('%s', async (_what, text) => {
    const { build, train } = await translated(text);
    expect(train).toMatchObject({ epochs: 600, model: { use: 'trm' }, globalBatchSize: 768 });
    expect(build.dataset).toMatchObject({ use: 'maze' });
  });

  it('takes a file, and one word of this shell for each of the command', async () => {
    await held.place.write(
      'job.sh',
      `#!/bin/sh\nE=600\npython pretrain.py arch=trm ${MAZE} epochs=$E\n`,
    );
    expect((await translated('job.sh')).train).toMatchObject({ epochs: 600 });
    const { train } = await translated(...`python pretrain.py arch=trm ${MAZE.replaceAll('"', '')} epochs=601`.split(' ')); // prettier-ignore
    expect(train).toMatchObject({ epochs: 601 });
  });
});

describe('what is left out is said', () => {
  it.each([
    ['threads', `OMP_NUM_THREADS=3 python pretrain.py arch=trm ${MAZE}`, 'OMP_NUM_THREADS=3'],
    ['a redirection', `python pretrain.py arch=trm ${MAZE} > a.log`, '> a.log'],
    ['processes', `torchrun --nnodes=2 pretrain.py arch=trm ${MAZE}`, 'torchrun --nnodes 2'],
    ['evaluations that begin later', `python pretrain.py arch=trm ${MAZE} min_eval_interval=40`, 'min_eval_interval=40'], // prettier-ignore
    ['a folder for the weights', `python pretrain.py arch=trm ${MAZE} +checkpoint_path=w`, 'checkpoint_path="w"'], // prettier-ignore
    ['data to test on', `python pretrain.py arch=trm ${MAZE} data_paths_test=[data/t]`, 'data_paths_test=["data/t"]'], // prettier-ignore
    ['a mask that the reference ignores', `python pretrain.py arch=trm ${MAZE} +arch.causal=True`, 'arch.causal=true'], // prettier-ignore
    ['a size that the reference sets', `python pretrain.py arch=trm ${MAZE} +arch.seq_len=81`, 'arch.seq_len=81'], // prettier-ignore
    ['a layer that another model has', `python pretrain.py arch=trm ${MAZE} +arch.act_enabled=True`, 'arch.act_enabled=true'], // prettier-ignore
  ])('%s', async (_what, text, what) => {
    expect((await translated(text)).output).toContain(`not carried over: ${what}: `);
  });

  it('but checkpoints of every evaluation are kept as there', async () => {
    const { train } = await translated(`python pretrain.py arch=trm ${MAZE} checkpoint_every_eval=True`); // prettier-ignore
    expect(train).toMatchObject({ checkpoint: { keepEvaluated: true } });
  });
});

describe('a folder of data that is here', () => {
  beforeEach(async () => {
    await held.place.write('p.yml', 'name: p\nbuild: { dataset: { use: sudoku, source: { generator: { size: 4, train: 6, test: 2 } } } }\n'); // prettier-ignore
    const { exitCode, output } = await held.place.pipeline([
      'export-dataset',
      'p.yml',
      '-o',
      'own',
    ]);
    expect(exitCode, output).toBe(0);
  });

  it.each(['sudoku-extreme-1k-aug-1000', 'arc1concept-aug-1000', 'research'])(
    'is read, though it is called %s',
    async (name) => {
      await cp(held.place.at('own'), held.place.at(`data/${name}`), { recursive: true });
      const { build, output } = await translated(`python pretrain.py arch=trm data_paths=[data/${name}]`); // prettier-ignore
      expect(build.dataset).toEqual({ use: 'reference-folder', folder: `data/${name}` });
      expect(output).not.toContain('it is not here');
    },
  );

  it('and is something else is refused', async () => {
    await held.place.write('data/maze-30x30-hard-1k/readme.txt', 'later');
    expect(await refused(`python pretrain.py arch=trm ${MAZE}`)).toContain('REFERENCE_FOLDER_UNREADABLE'); // prettier-ignore
  });
});

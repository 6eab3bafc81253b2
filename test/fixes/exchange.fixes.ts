/** What is read from and written for other programs: the reference's commands, weights, archives. */
import { rm } from 'node:fs/promises';

import { expect } from 'vitest';

import { command, followFixes, type Edit, type FixCase } from './fix-case.ts';
import type { Place } from './place.ts';
import { tiny } from './tiny.ts';
import { trained } from './trained.ts';

const run = trained();

/** A command of the reference; `edit` changes it as the fix says. */
function translated(facts: {
  readonly code: string;
  readonly when: string;
  readonly text: string;
  readonly edit?: (fix: string, text: string) => string;
  readonly files?: Readonly<Record<string, string>>;
}): FixCase {
  const { code, when, text, edit, files } = facts;
  const byHand: Edit = (_place, fix) => ({ words: ['from-reference', edit!(fix, text)] });
  return command({
    code,
    when,
    words: ['from-reference', text],
    ...(files === undefined ? {} : { files }),
    ...(edit === undefined ? {} : { edits: [byHand] }),
    goal: (_place, output) => expect(output).toContain('train:'),
  });
}

const TRM = 'python pretrain.py arch=trm data_paths=[data/sudoku]';
const IMPORT = ['import', 'step_4.pt', '--pipeline', 'p.yml', '-o', 'weights'];

/** The weights of the run as the reference saves them. */
const exported = async (place: Place) => {
  await run(place);
  const words = ['export', 'runs/r', '--format', 'state-dict', '-o', 'step_4.pt'];
  const { exitCode, output } = await place.pipeline(words);
  expect(exitCode, output).toBe(0);
};

const packed = async (place: Place, name = 'r.zip') => {
  const { exitCode, output } = await place.pipeline(['pack', 'runs/r', '-o', name]);
  expect(exitCode, output).toBe(0);
};

const METRICS = 'runs/r/evaluations/step-00000004/metrics.json';

const cases: FixCase[] = [
  translated({
    code: 'REFERENCE_COMMAND_INVALID',
    when: 'an option of Hydra is used',
    text: `${TRM} --multirun`,
    edit: (fix, text) => {
      expect(fix).toMatch('translate one training, then sweep over it: pipeline sweep FILE');
      return text.replace(' --multirun', '');
    },
  }),
  translated({
    code: 'REFERENCE_COMMAND_INVALID',
    when: 'a placeholder was left in',
    text: `${TRM} lr=<rate>`,
    edit: (fix, text) => {
      expect(fix).toMatch('write the value in place of <…>');
      return text.replace('<rate>', '1e-4');
    },
  }),
  translated({
    code: 'REFERENCE_COMMAND_INVALID',
    when: 'a quote was not closed',
    text: `${TRM} run_name="x`,
    edit: (fix, text) => {
      expect(fix).toMatch(/quote/);
      return `${text}"`;
    },
  }),
  command({
    code: 'REFERENCE_DUMP_INVALID',
    when: 'the pipeline file is named in place of all_config.yaml',
    files: { 'p.yml': tiny() },
    words: ['from-reference', 'p.yml'],
    edits: [
      (_place, fix) => {
        const text = /'(python pretrain.py arch=trm) …'/.exec(fix)![1]!;
        return { words: ['from-reference', `${text} data_paths=[data/sudoku]`] };
      },
    ],
  }),
  translated({
    code: 'REFERENCE_ARCH_UNKNOWN',
    when: 'the name of the model is misspelt',
    text: 'python pretrain.py arch=trmm data_paths=[data/sudoku]',
    edit: (fix, text) => text.replace('trmm', /did you mean (\w+)\?/.exec(fix)![1]!),
  }),
  translated({
    code: 'REFERENCE_ARCH_UNKNOWN',
    when: 'the model is one of a fork',
    text: 'python pretrain.py arch=mamba data_paths=[data/sudoku]',
    edit: (fix, text) => text.replace('arch=mamba', /write (arch=\w+)/.exec(fix)![1]!),
  }),
  translated({
    code: 'REFERENCE_TRAINING_MISSING',
    when: 'only the command that builds the data was copied',
    text: 'python dataset/build_sudoku_dataset.py --output-dir data/sudoku',
    edit: (fix, text) =>
      `${text}\n${/: (python pretrain.py .*) …/.exec(fix)![1]!.replace('FOLDER', 'data/sudoku')}`,
  }),
  translated({
    code: 'REFERENCE_TRAINING_MISSING',
    when: 'a script has another name',
    text: 'python my_train.py lr=1e-4',
    edit: (fix) =>
      `${/pipeline from-reference (.*) …/.exec(fix)![1]!.replace('FOLDER', 'data/sudoku')} lr=1e-4`,
  }),
  translated({
    code: 'REFERENCE_TRAININGS_SEVERAL',
    when: 'both trainings of a README were copied',
    text: `${TRM}\n${TRM} arch.mlp_t=True`,
  }),
  translated({
    code: 'REFERENCE_VARIABLE_UNSET',
    when: 'the assignment was not copied',
    text: `${TRM} lr=$RATE`,
    edit: (fix, text) => {
      const line = /put a line (\w+)=VALUE before the command/.exec(fix)![1]!;
      return `${line}=1e-4\n${text}`;
    },
  }),
  translated({
    code: 'REFERENCE_KEY_UNKNOWN',
    when: 'a key is misspelt',
    text: `${TRM} global_batchsize=64`,
    edit: (fix, text) => text.replace('global_batchsize', /write ([\w.]+),/.exec(fix)![1]!),
  }),
  translated({
    code: 'REFERENCE_KEY_UNKNOWN',
    when: 'a key is one of a fork',
    text: `${TRM} use_muon=True`,
    edit: (fix, text) => text.replace(` ${/remove (\w+) from/.exec(fix)![1]!}=True`, ''),
  }),
  translated({
    code: 'REFERENCE_VALUE_INVALID',
    when: 'a word stands for a number',
    text: `${TRM} epochs=many`,
    edit: (fix, text) => {
      expect(fix).toMatch('write for epochs: a whole number');
      return text.replace('many', '100');
    },
  }),
  translated({
    code: 'REFERENCE_REPOSITORY_UNCLEAR',
    when: 'the command may be of either repository',
    text: 'python pretrain.py lr=1e-4',
    edit: (fix, text) => `${text} ${/`(arch=\w+)`/.exec(fix)![1]!} data_paths=[data/sudoku]`,
  }),
  translated({
    code: 'REFERENCE_DATA_UNCLEAR',
    when: 'the training names no folder, and another than the usual one is built',
    text: 'python dataset/build_sudoku_dataset.py --output-dir data/mine\npython pretrain.py arch=trm',
    edit: (fix, text) => `${text} ${/`(data_paths=[^`]+)`/.exec(fix)![1]!}`,
  }),
  command({
    code: 'REFERENCE_FOLDER_UNREADABLE',
    when: 'another folder lies where the data will be',
    files: { 'data/sudoku/notes.txt': '' },
    words: ['from-reference', TRM],
  }),
  translated({
    code: 'REFERENCE_DATA_UNCLEAR',
    when: 'a dataset is built, and the training does not name it',
    text: 'python dataset/build_sudoku_dataset.py --output-dir data/mine\npython pretrain.py arch=trm',
    edit: (fix, text) => `${text} ${/`([^`]+)`/.exec(fix)![1]!}`,
  }),
  command({
    code: 'REFERENCE_TRAININGS_SEVERAL',
    when: 'a training is asked for that is not there',
    words: ['from-reference', TRM, '--training', '3'],
  }),
  command({
    code: 'OUTPUT_EXISTS',
    when: 'the file to write is there',
    files: { 'out.yml': '' },
    words: ['from-reference', TRM, '--output', 'out.yml'],
    goal: async (place) => expect(await place.read('out-2.yml')).toContain('train:'),
  }),
  command({
    code: 'OUTPUT_EXISTS',
    when: 'a pipeline file is begun where one is',
    files: { 'pipeline.yml': '' },
    words: ['init'],
  }),
  command({
    code: 'OUTPUT_EXISTS',
    when: 'a plugin is begun where one is',
    files: { 'mine.ts': '' },
    words: ['new', 'evaluator', 'mine.ts'],
  }),
  command({
    code: 'TORCH_FILE_REFUSED',
    when: 'the weights were saved as text',
    before: async (place) => {
      await exported(place);
      await place.write('good.pt', await readBytes(place, 'step_4.pt'));
      await place.write('step_4.pt', 'tensor([1., 2.])');
    },
    words: IMPORT,
    edits: [
      async (place, fix) => {
        expect(fix).toMatch(/torch\.save/);
        await place.write('step_4.pt', await readBytes(place, 'good.pt'));
      },
    ],
  }),
  command({
    code: 'STATE_DICT_MISMATCH',
    when: 'the pipeline has a wider model',
    before: exported,
    words: [...IMPORT, 'train.model.hiddenSize=16'],
    edits: [
      (_place, fix) => {
        expect(fix).toMatch('give the model the options that the weights were trained with');
        return { words: IMPORT };
      },
    ],
  }),
  command({
    code: 'IDENTIFIERS_INVALID',
    when: 'another file is given for the names',
    before: async (place) => {
      await exported(place);
      await place.write('data/identifiers.json', '["<blank>"]');
    },
    words: [...IMPORT, '--identifiers', 'p.yml'],
    edits: [
      (_place, fix) => {
        const option = /`(--identifiers) FOLDER\/identifiers.json`/.exec(fix)![1]!;
        return { words: [...IMPORT, option, 'data/identifiers.json'] };
      },
    ],
  }),
  command({
    code: 'SAFETENSORS_INVALID',
    when: 'a file of weights was cut short',
    before: async (place) => {
      await run(place);
      await place.pipeline([
        'export',
        'runs/r',
        '--format',
        'safetensors',
        '-o',
        'good.safetensors',
      ]);
      const bytes = await readBytes(place, 'good.safetensors');
      await place.write('w.safetensors', bytes.subarray(0, 100));
    },
    words: ['predict', 'w.safetensors', '--pipeline', 'p.yml', '--example', '0'],
    edits: [
      async (place, fix) => {
        expect(fix).toMatch('copy it again from where it came from');
        await place.write('w.safetensors', await readBytes(place, 'good.safetensors'));
      },
    ],
  }),
  command({
    code: 'MODEL_DIFFERS',
    when: 'two runs of other models are averaged, and this is meant',
    before: run,
    words: ['predict', 'runs/r', '--pipeline', 'q.yml', '--example', '0'],
    files: {
      'q.yml': tiny({
        model:
          '  model: { use: trm, hiddenSize: 8, numHeads: 2, numLayers: 1, hCycles: 1, lCycles: 1, haltMaxSteps: 2, puzzleEmbeddingDim: 0 }',
      }),
    },
  }),
  command({
    code: 'ARCHIVE_REFUSED',
    when: 'the archive was cut short on its way',
    before: async (place) => {
      await run(place);
      await packed(place);
      await place.write('good.zip', await readBytes(place, 'r.zip'));
      await place.write('r.zip', (await readBytes(place, 'r.zip')).subarray(0, 500));
    },
    words: ['replay', 'r.zip'],
    edits: [
      async (place, fix) => {
        expect(fix).toMatch('copy the archive again');
        await place.write('r.zip', await readBytes(place, 'good.zip'));
      },
    ],
  }),
  command({
    code: 'REPLAY_NOTHING_RECORDED',
    when: 'the run has evaluated nothing',
    before: async (place) => {
      await run(place);
      await rm(place.at('runs/r/evaluations'), { recursive: true });
      await packed(place);
    },
    words: ['replay', 'r.zip'],
  }),
  command({
    code: 'REPLAY_DIFFERS',
    when: 'another processor rounds differently',
    before: async (place) => {
      await run(place);
      await place.edit(METRICS, /("lm_loss": *[\d.]{9})\d/, (_, digits: string) => `${digits}0`);
      await packed(place);
    },
    words: ['replay', 'r.zip'],
  }),
];

async function readBytes(place: Place, name: string): Promise<Uint8Array> {
  const { readFile } = await import('node:fs/promises');
  return readFile(place.at(name));
}

followFixes('exchange', cases);

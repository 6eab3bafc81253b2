import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { partReference } from '../plugin/part-reference.ts';
import { definePlugin, type Plugin } from '../contracts/plugin.ts';
import type { PluginKind } from '../contracts/kinds.ts';
import { PluginRegistry } from '../plugin/registry.ts';
import { formatPath, type MapNode } from '../config/config-node.ts';
import { pipelineJsonSchema } from './json-schema.ts';
import { ConfigInvalid, type Problem } from '../config/problem.ts';
import { parseYaml } from '../config/read-yaml.ts';
import { validate } from './validate.ts';

function plugin(kind: PluginKind, name: string, config: z.ZodType): Plugin {
  return definePlugin({
    kind,
    name,
    apiVersion: 1,
    summary: name,
    config,
    create: () => null as never,
  });
}

const registry = new PluginRegistry();
for (const item of [
  plugin(
    'engine',
    'auto',
    z.strictObject({ precision: z.enum(['float32', 'bf16-mixed']).optional() }),
  ),
  plugin('logger', 'console', z.strictObject({})),
  plugin(
    'model',
    'trm',
    z.strictObject({
      hiddenSize: z.int().min(8).default(512),
      positionEncoding: z.enum(['rope', 'learned', 'none']).default('rope'),
      dropout: z.number().min(0).max(1).default(0),
    }),
  ),
  plugin(
    'optimizer',
    'adamw',
    z.strictObject({ learningRate: z.number().positive().default(1e-4) }),
  ),
  plugin(
    'optimizer',
    'adam-atan2',
    z.strictObject({ learningRate: z.number().default(1e-4), beta1: z.number().default(0.9) }),
  ),
  plugin(
    'evaluator',
    'careless',
    z.unknown().refine((value) => (value as { a: { b: number } }).a.b > 0),
  ),
  plugin('evaluator', 'exact-accuracy', z.strictObject({ top: z.int().default(1) })),
  plugin(
    'stage',
    'train',
    z.strictObject({
      model: partReference('model'),
      optimizer: partReference('optimizer').prefault('adamw'),
      microBatchSize: z.union([z.literal('auto'), z.int().min(1)]).default('auto'),
      epochs: z.int().min(1),
      resume: z.boolean().default(false),
      name: z.string().optional(),
    }),
  ),
  plugin(
    'stage',
    'evaluate',
    z.strictObject({
      evaluators: z.array(partReference('evaluator')).default([]),
    }),
  ),
]) {
  const { kind, name, summary } = item;
  const place = { package: 'test', version: '1.0.0', file: 'test.ts' };
  registry.add({ kind, name, summary, ...place, load: () => Promise.resolve(item) });
}

const check = (text: string) => {
  const node = parseYaml(`name: x\nengine: auto\n${text}`, 'p.yml');
  return validate(node as never, registry);
};

/** `3:10 train.model.hiddenSize | message | fix` */
const line = ({ origin, path, message, fix }: Problem) =>
  `${origin.kind === 'file' ? `${origin.line}:${origin.column}` : origin.kind} ${formatPath(path)} | ${message} | ${fix}`;

const lines = async (text: string) => (await check(text)).problems.map(line);

describe('validate', () => {
  it('fills in the defaults of every part, whatever its form', async () => {
    const { value, parts, problems } = await check(
      'train: {model: {use: trm, hiddenSize: 64}, epochs: 3}\nevaluate: {evaluators: [exact-accuracy]}',
    );
    expect(problems).toEqual([]);
    expect(value).toEqual({
      name: 'x',
      seed: 0,
      engine: { use: 'auto' },
      plugins: [],
      loggers: [{ use: 'console' }],
      train: {
        use: 'train',
        model: { use: 'trm', hiddenSize: 64, positionEncoding: 'rope', dropout: 0 },
        optimizer: { use: 'adamw', learningRate: 1e-4 },
        microBatchSize: 'auto',
        epochs: 3,
        resume: false,
      },
      evaluate: { use: 'evaluate', evaluators: [{ use: 'exact-accuracy', top: 1 }] },
    });
    expect(parts.map((part) => formatPath(part.path))).toEqual([
      'engine',
      'loggers[0]',
      'train',
      'train.model',
      'train.optimizer',
      'evaluate',
      'evaluate.evaluators[0]',
    ]);
  });

  it('accepts its own output again', async () => {
    const { value } = await check('train: {model: trm, epochs: 3}\nevaluate:');
    const again = await validate(parseYaml(JSON.stringify(value), 'again.yml') as never, registry);
    expect(again.problems).toEqual([]);
    expect(again.value).toEqual(value);
  });

  it('lets a stage have another name than its plugin', async () => {
    const { value, problems } = await check('student: {use: train, model: trm, epochs: 1}');
    expect(problems).toEqual([]);
    expect(value['student']).toMatchObject({ use: 'train', epochs: 1 });
  });

  it('names the plugins of the kind that have an option', async () => {
    const found = await lines(
      'train: {optimizer: {use: adamw, beta1: 0.9}, model: trm, epochs: 3}',
    );
    expect(found).toEqual([
      '3:33 train.optimizer.beta1 | unknown key beta1 | adam-atan2 has it, adamw has not: remove it, or choose train.optimizer.use=adam-atan2',
    ]);
  });

  it.each([
    [
      'train: {model: trm, epochs:3}',
      '3:21 train.epochs:3 | unknown key epochs:3 | a space is missing: write epochs: 3',
    ],
    [
      'train:\n  epochs:3',
      '4:3 train | there is no stage called epochs:3 | a space is missing: write epochs: 3',
    ],
    ['seed: “5”', '3:7 seed | wrong type | remove the quotes'],
    ['loggers: console', '3:10 loggers | wrong type | write [console]'],
    [
      'loggers: [console console]',
      '3:11 loggers[0] | there is no logger called console console | a comma is missing: write console, console',
    ],
  ])('says what is missing in %j', async (text, expected) => {
    expect(await lines(text)).toContain(expected);
  });

  it('reports everything at once, each with its place and fix', async () => {
    expect(
      await lines(
        [
          'seeed: 1',
          'loggers: [consle]',
          'train:',
          '  model:',
          '    use: trm',
          '    hiddenSizes: 512',
          '    hiddenSize: "512"',
          '    positionEncoding: ropes',
          '    dropout: 2',
          '  optimizer: {use: adamm, learningRate: 1}',
          '  microBatchSize: "8"',
          '  resume: yes',
          '  name: 5',
          'evaluate: {evaluators: [exact-accuracy, {top: 2}, {use: exact-accuracy, top: 1.5}]}',
        ].join('\n'),
      ),
    ).toMatchInlineSnapshot(`
      [
        "4:11 loggers[0] | there is no logger called consle | did you mean console?",
        "3:1 seeed | unknown key seeed: neither a setting nor a stage | did you mean seed?",
        "13:19 train.microBatchSize | matches none of the allowed forms | remove the quotes",
        "6:3 train.epochs | epochs is missing | add epochs: with a number",
        "14:11 train.resume | wrong type | write true or false",
        "15:9 train.name | wrong type | put it in quotes",
        "9:17 train.model.hiddenSize | wrong type | remove the quotes",
        "10:23 train.model.positionEncoding | not one of the choices | did you mean rope?",
        "11:14 train.model.dropout | too big | change the value to fit",
        "8:5 train.model.hiddenSizes | unknown key hiddenSizes | did you mean hiddenSize?",
        "12:20 train.optimizer.use | there is no optimizer called adamm | did you mean adamw?",
        "16:41 evaluate.evaluators[1] | this map does not say which plugin it configures | add use: and the name of a plugin of kind evaluator",
      ]
    `);
  });

  it('names the plugin whose schema throws, and goes on', async () => {
    const { problems } = await check('evaluate: {evaluators: [careless, exact]}');
    expect(problems.map(line)).toEqual([
      '3:25 evaluate.evaluators[0] | PLUGIN_HOOK_FAILED: evaluator careless of test failed in its config | correct the plugin; `export EDDY_DEBUG=1` shows where it threw',
      '3:35 evaluate.evaluators[1] | there is no evaluator called exact | did you mean exact-accuracy?',
    ]);
  });

  it('wants a stage', async () => {
    expect(await lines('')).toEqual([
      '1:1  | the pipeline has no stage | add a stage, for example train:',
    ]);
  });

  it('prints one block a problem', async () => {
    const { problems } = await check('train: {model: {use: trm, hiddenSize: "8"}, epoch: 1}');
    const error = new ConfigInvalid('p.yml', problems);
    expect(error.exitCode).toBe(2);
    expect(error.message).toMatchInlineSnapshot(`
      "CONFIG_INVALID  3 problems in p.yml

      p.yml:3:8  train.epochs
        epochs is missing
        expected  a number
        received  nothing
        fix       add epochs: with a number

      p.yml:3:39  train.model.hiddenSize
        wrong type
        expected  a number
        received  string "8"
        fix       remove the quotes

      p.yml:3:45  train.epoch
        unknown key epoch
        expected  one of use, model, optimizer, microBatchSize, epochs, resume, name
        fix       did you mean epochs?"
    `);
  });

  it('gives every problem of a mutated file a place and a fix', async () => {
    const good = {
      seed: 1,
      train: { model: { use: 'trm', hiddenSize: 64 }, optimizer: 'adamw', epochs: 3 },
      evaluate: { evaluators: ['exact-accuracy'] },
    };
    const key = fc.constantFrom(
      'seed',
      'train',
      'model',
      'use',
      'hiddenSize',
      'epochs',
      'x',
      'top',
    );
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom<unknown>('trm', 'adamw', '5', '', 1, -1, 1.5, true, null),
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(key, tie('any'), { maxKeys: 3 }),
      ),
    })).any;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('', 'train', 'train.model', 'evaluate'),
        key,
        value,
        async (at, name, odd) => {
          const mutated: Record<string, unknown> = structuredClone(good);
          const target = at
            .split('.')
            .filter(Boolean)
            .reduce((map, k) => map[k] as Record<string, unknown>, mutated);
          target[name] = odd;
          const { problems } = await check(blockLines(mutated));
          for (const problem of problems) {
            expect(problem.fix).not.toBe('');
            expect(problem.origin).toMatchObject({ kind: 'file', file: 'p.yml' });
          }
        },
      ),
      { numRuns: 300, seed: 3 },
    );
  });
});

function blockLines(object: Readonly<Record<string, unknown>>): string {
  return Object.entries(object)
    .map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}\n`)
    .join('');
}

describe('pipelineJsonSchema', () => {
  it('offers each plugin with its options where its kind is wanted', async () => {
    const schema = (await pipelineJsonSchema(registry)) as never as {
      properties: Record<string, { properties: Record<string, unknown>; required: string[] }>;
      definitions: Record<string, { anyOf: Record<string, unknown>[] }>;
    };
    expect(schema.properties['train']!.properties['model']).toEqual({
      allOf: [{ $ref: '#/definitions/model' }],
    });
    expect(schema.properties['train']!.required).toEqual(['model', 'epochs']);
    expect(schema.properties['train']!.properties['optimizer']).toEqual({
      allOf: [{ $ref: '#/definitions/optimizer' }],
      default: 'adamw',
    });
    expect(schema.definitions['optimizer']!.anyOf[0]).toEqual({
      const: 'adamw',
      description: 'adamw',
    });
    expect(schema.definitions['model']!.anyOf[1]).toMatchObject({
      type: 'object',
      additionalProperties: false,
      required: ['use'],
      properties: {
        use: { const: 'trm' },
        hiddenSize: { type: 'integer', minimum: 8, default: 512 },
      },
    });
  });
});

it('knows no key of Object.prototype', async () => {
  const tree = parseYaml('train: { model: trm, epochs: 1, toString: 1 }', 'p.yml') as MapNode;
  const { problems } = await validate(tree, registry);
  expect(problems.map(({ message }) => message)).toContain('unknown key toString');
});

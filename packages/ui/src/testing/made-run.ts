/** Run folders for tests, written as a run writes them. */
import { appendFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { toJson } from '@eddy/core/report';
import type { RunEventBody } from '@eddy/core';

export interface MadeRunOptions {
  readonly name?: string;
  readonly startedAt?: string;
  readonly config?: Readonly<Record<string, unknown>>;
  /** Stage → the dataset that it handed on. */
  readonly data?: Readonly<Record<string, { readonly key: string; readonly path: string }>>;
}

/** A run folder that grows by `add`. The clock advances by 50 ms with each event. */
export class MadeRun {
  readonly path: string;
  readonly journalPath: string;
  #timeMs = 0;

  constructor(path: string, options: MadeRunOptions = {}) {
    const { name = 'made', startedAt = '2026-11-30T12:00:00.000Z', config = {} } = options;
    this.path = path;
    this.journalPath = join(path, 'journal.jsonl');
    mkdirSync(path, { recursive: true });
    const manifest = {
      format: 'eddy-run/1',
      id: path,
      name,
      startedAt,
      host: 'machine',
      configHash: '0',
      versions: { node: '20.20.2', '@eddy/core': '0.1.0' },
      ...(options.data && { data: options.data }),
    };
    writeFileSync(join(path, 'manifest.json'), JSON.stringify(manifest));
    writeFileSync(join(path, 'config.yml'), `name: ${name} # made.yml:1:7\n`);
    const whole = { name, build: { use: 'build' }, train: { use: 'train' }, ...config };
    const place = { name, id: path, folder: path, engine: 'auto', precision: 'auto', startedAt };
    this.add({ type: 'run-started', run: { ...place, config: whole } });
  }

  add(...events: readonly RunEventBody[]): this {
    const lines = events.map((event) => `${toJson({ timeMs: (this.#timeMs += 50), ...event })}\n`);
    appendFileSync(this.journalPath, lines.join(''));
    return this;
  }

  /** Steps `from` to `to`, with a loss of 1/step unless `lossOf` says otherwise. */
  steps(
    from: number,
    to: number,
    { totalSteps = 1000, lossOf = (step: number) => 1 / step } = {},
  ): this {
    return this.add(
      ...Array.from({ length: to - from + 1 }, (_, i): RunEventBody => {
        const step = from + i;
        const metrics = { count: 1, accuracy: 0.5, lm_loss: lossOf(step), lr: 0.001 };
        return { type: 'step-finished', step, totalSteps, epoch: 0, metrics, stepMs: 40 };
      }),
    );
  }

  evaluation(step: number, exact: number, split = 'test'): this {
    const metrics = { exact_accuracy: exact, accuracy: 0.9, 'exact_accuracy/rating_0': exact };
    const folder = `evaluations/step-${step}`;
    return this.add({
      ...{ type: 'evaluation-finished', step, split, examples: 100 },
      ...{ metrics, durationMs: 10, folder },
    });
  }

  /** Cuts the journal back to its first `lines` lines, as a resume does. */
  cutTo(lines: number): this {
    const kept = readFileSync(this.journalPath, 'utf8').split('\n').slice(0, lines).join('\n');
    truncateSync(this.journalPath, Buffer.byteLength(kept) + 1);
    return this;
  }
}

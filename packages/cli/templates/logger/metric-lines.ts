import { definePlugin, type Logger, type RunEvent } from '@eddy/core';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom, tap, type Observable } from 'rxjs';
import { z } from 'zod';

const config = z.strictObject({
  file: z.string().default('metrics.jsonl').describe('file in the folder of the run'),
  every: z.int().min(1).default(1).describe('training steps between two lines'),
});

/** Appends the metrics of training steps and evaluations to a file, one JSON object a line. */
export class MetricLines implements Logger {
  readonly #file: string;
  readonly #every: number;

  constructor(file: string, every: number) {
    this.#file = file;
    this.#every = every;
  }

  /** Resolves when the run is over. A rejection becomes a warning of the run. */
  async attach(events$: Observable<RunEvent>): Promise<void> {
    const written$ = events$.pipe(tap((event) => this.#write(event)));
    await lastValueFrom(written$, { defaultValue: undefined });
  }

  #write(event: RunEvent): void {
    if (event.type === 'step-finished' && event.step % this.#every === 0) {
      this.#append({ step: event.step, split: 'train', metrics: event.metrics });
    }
    if (event.type === 'evaluation-finished') {
      this.#append({ step: event.step, split: event.split, metrics: event.metrics });
    }
  }

  /** NaN and infinities become null: JSON has no numbers for them. */
  #append(line: object): void {
    appendFileSync(this.#file, `${JSON.stringify(line)}\n`);
  }
}

export default definePlugin({
  kind: 'logger',
  name: 'metric-lines',
  apiVersion: 1,
  summary: 'metrics of steps and evaluations as JSON lines',
  config,
  needs: ['runFolder'],
  create: ({ file, every }, { runFolder }) => new MetricLines(join(runFolder, file), every),
});

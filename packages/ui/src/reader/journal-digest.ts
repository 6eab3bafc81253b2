/**
 * What a list shows of a run, without parsing its journal: lines of a few types are found by their bytes,
 * and training steps are sampled. Only what was appended is looked at again.
 */
import { evaluationSet } from '@eddy/core/report';
import type { RunEvent } from '@eddy/core';

import { JournalTail } from './journal-tail.ts';
import { parseEvent } from './parse-event.ts';

type EventOf<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;

export interface DigestEvaluation {
  readonly split: string;
  readonly step: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** Points of a sparkline; every second one goes when there are twice as many. */
const SAMPLES = 48;
/** Steps between which the pace of the run is measured. */
const PACE_STEPS = 64;

export class JournalDigest {
  started: EventOf<'run-started'> | undefined;
  /** The last word, if the run did not start again after it. */
  finished: EventOf<'run-finished'> | undefined;
  step: EventOf<'step-finished'> | undefined;
  /** An earlier step, from which to the last one the pace is measured. */
  earlierStep: { readonly step: number; readonly timeMs: number } | undefined;
  elapsedMs = 0;
  readonly evaluations = new Map<string, DigestEvaluation>();
  /** What the headline is made of. */
  judged: RunEvent[] = [];
  /** [step, training loss], ascending. */
  samples: (readonly [number, number])[] = [];
  #samplesApart = 0;
  readonly #tail: JournalTail;

  constructor(journalPath: string) {
    this.#tail = new JournalTail(journalPath);
  }

  /** @returns whether anything is new */
  refresh(): boolean {
    let isNew = false;
    const forget = () => {
      this.started = this.finished = this.step = this.earlierStep = undefined;
      this.evaluations.clear();
      this.samples = [];
      this.judged = [];
      this.#samplesApart = this.elapsedMs = 0;
    };
    for (const lines of this.#tail.read(forget)) {
      isNew = true;
      this.#add(lines);
    }
    return isNew;
  }

  #add(lines: Buffer): void {
    this.#each(lines, 'run-started', (event, at) => {
      this.started = event;
      this.judged.push(event);
      // A `run-finished` before it is no longer the last word.
      if (lines.indexOf(mark('run-finished'), at) === -1) this.finished = undefined;
    });
    this.#each(lines, 'run-finished', (event, at) => {
      if (lines.indexOf(mark('run-started'), at) === -1) this.finished = event;
    });
    this.#each(lines, 'evaluation-finished', (event) => {
      this.judged.push(event);
      const set = evaluationSet(event);
      const { step, split, metrics } = event;
      const before = this.evaluations.get(`${set}/${step}`)?.metrics;
      this.evaluations.set(`${set}/${step}`, { split, step, metrics: { ...before, ...metrics } });
    });
    for (const type of ['training-started', 'monitor-updated'] as const) {
      this.#each(lines, type, (event) => this.judged.push(event));
    }
    // Each type was looked for on its own.
    this.judged.sort((a, b) => a.timeMs - b.timeMs);
    this.#sampleSteps(lines);
    const end = parseEvent(lineAt(lines, lines.length - 1));
    if (end !== undefined) this.elapsedMs = end.timeMs;
  }

  #each<T extends RunEvent['type']>(
    lines: Buffer,
    type: T,
    use: (event: EventOf<T>, at: number) => void,
  ): void {
    const wanted = mark(type);
    for (let at = lines.indexOf(wanted); at !== -1; at = lines.indexOf(wanted, at + 1)) {
      const event = parseEvent(lineAt(lines, at));
      if (event?.type === type) use(event as EventOf<T>, at);
    }
  }

  #sampleSteps(lines: Buffer): void {
    const wanted = mark('step-finished');
    const stepAt = (at: number) => {
      const event = parseEvent(lineAt(lines, at));
      return event?.type === 'step-finished' ? event : undefined;
    };
    const lastAt = lines.lastIndexOf(wanted);
    if (lastAt === -1) return;
    for (let i = 0; i < SAMPLES; i++) {
      const at = lines.indexOf(wanted, Math.floor((i * lastAt) / SAMPLES));
      const event = at === -1 ? undefined : stepAt(at);
      if (event !== undefined) this.#sample(event);
    }
    const last = stepAt(lastAt);
    if (last === undefined) return;
    this.#sample(last);
    const { step: before, earlierStep } = this;
    if (earlierStep === undefined || earlierStep.step >= last.step) {
      const first = stepAt(lines.indexOf(wanted));
      this.earlierStep = first === undefined ? undefined : { ...first };
    } else if (before !== undefined && last.step - earlierStep.step > 2 * PACE_STEPS) {
      if (before.step < last.step) this.earlierStep = { step: before.step, timeMs: before.timeMs };
    }
    this.step = last;
  }

  #sample({ step, metrics }: EventOf<'step-finished'>): void {
    const loss = metrics['lm_loss'] ?? metrics['loss'];
    if (loss === undefined || !Number.isFinite(loss)) return;
    while (this.samples.length > 0 && this.samples.at(-1)![0] > step) this.samples.pop();
    if (step < (this.samples.at(-1)?.[0] ?? -Infinity) + this.#samplesApart) return;
    this.samples.push([step, loss]);
    if (this.samples.length < 2 * SAMPLES) return;
    this.samples = this.samples.filter((_, i) => i % 2 === 0);
    this.#samplesApart = (this.samples.at(-1)![0] - this.samples[0]![0]) / this.samples.length;
  }
}

const marks = new Map<string, Buffer>();
function mark(type: string): Buffer {
  let bytes = marks.get(type);
  if (bytes === undefined) marks.set(type, (bytes = Buffer.from(`"type":"${type}"`)));
  return bytes;
}

/** The line around a place of whole lines. */
function lineAt(lines: Buffer, at: number): string {
  const begin = at === 0 ? 0 : lines.lastIndexOf(10, at - 1) + 1;
  return lines.toString('utf8', begin, lines.indexOf(10, at));
}

/**
 * What a list shows of a run, without parsing all of its journal: training steps are told from other lines by
 * their bytes, and only a few of them are parsed. Only what was appended is looked at again.
 */
import { evaluationSet, affectsHeadline } from '@eddy/core/report';
import type { RunEvent } from '@eddy/core';

import { JournalTail } from './journal-tail.ts';
import { parseEvent } from './parse-event.ts';

type EventOf<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;

export interface DigestEvaluation {
  readonly split: string;
  /** Whose weights, where the pipeline has several. */
  readonly label?: string;
  readonly step: number;
  readonly metrics: Readonly<Record<string, number>>;
}

const NEWLINE = 10;
const MAX_BEFORE_TYPE = 64;
/** Points of a sparkline; every second one goes when there are twice as many. */
const SAMPLES = 32;
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

  /** One pass over the lines, by bytes: only those that a list needs are parsed. */
  #add(lines: Buffer): void {
    const samplesApart = Math.ceil(lines.length / SAMPLES);
    let nextSample = 0;
    let firstStep: Line | undefined;
    let lastStep: Line | undefined;
    for (let begin = 0; begin < lines.length;) {
      const end = lines.indexOf(NEWLINE, begin);
      const line = { begin, end };
      const type = typeAt(lines, line);
      if (type !== -1) {
        if (isStep(lines, type)) {
          firstStep ??= line;
          lastStep = line;
          if (begin >= nextSample) {
            this.#sampleLine(textOf(lines, line));
            nextSample += samplesApart;
          }
        } else if (isWanted(lines, type)) this.#addEvent(parseEvent(textOf(lines, line)));
      }
      begin = end + 1;
      if (begin === lines.length) this.#setElapsed(textOf(lines, line));
    }
    if (firstStep !== undefined && lastStep !== undefined) {
      this.#addSteps(parseEvent(textOf(lines, firstStep)), parseEvent(textOf(lines, lastStep)));
    }
  }

  #addEvent(event: RunEvent | undefined): void {
    if (event === undefined) return;
    if (event.type === 'run-started') {
      this.started = event;
      this.finished = undefined;
    }
    if (event.type === 'run-finished') this.finished = event;
    if (event.type === 'evaluation-finished') {
      const key = `${evaluationSet(event)}/${event.step}`;
      const { step, split, label, metrics } = event;
      const before = this.evaluations.get(key)?.metrics;
      this.evaluations.set(key, {
        ...{ split, step, metrics: { ...before, ...metrics } },
        ...(label === undefined ? {} : { label }),
      });
    }
    if (affectsHeadline(event)) this.judged.push(event);
  }

  /** Takes in the first and the last step of what was appended. */
  #addSteps(first: RunEvent | undefined, last: RunEvent | undefined): void {
    if (first?.type !== 'step-finished' || last?.type !== 'step-finished') return;
    const { step: before, earlierStep } = this;
    if (earlierStep === undefined || earlierStep.step >= last.step) {
      this.earlierStep = { step: first.step, timeMs: first.timeMs };
    } else if (before !== undefined && last.step - earlierStep.step > 2 * PACE_STEPS) {
      if (before.step < last.step) this.earlierStep = { step: before.step, timeMs: before.timeMs };
    }
    this.step = last;
    const { metrics } = last;
    this.#sample(last.step, metrics['lm_loss'] ?? metrics['loss'] ?? NaN);
  }

  #setElapsed(line: string): void {
    const timeMs = Number(/^\{"timeMs":([\d.e+]+)/.exec(line)?.[1] ?? NaN);
    if (Number.isFinite(timeMs)) this.elapsedMs = timeMs;
  }

  /** A sample is only for the eye: its two numbers are cut out of the line, which takes a tenth of parsing it. */
  #sampleLine(line: string): void {
    const step = Number(/"step":(\d+)/.exec(line)?.[1] ?? NaN);
    const loss = Number(
      (/"lm_loss":([-\d.e+]+)/.exec(line) ?? /"loss":([-\d.e+]+)/.exec(line))?.[1],
    );
    this.#sample(step, loss);
  }

  #sample(step: number, loss: number): void {
    if (!Number.isFinite(step) || !Number.isFinite(loss)) return;
    while (this.samples.length > 0 && this.samples.at(-1)![0] > step) this.samples.pop();
    if (step < (this.samples.at(-1)?.[0] ?? -Infinity) + this.#samplesApart) return;
    this.samples.push([step, loss]);
    if (this.samples.length < 2 * SAMPLES) return;
    this.samples = this.samples.filter((_, i) => i % 2 === 0);
    this.#samplesApart = (this.samples.at(-1)![0] - this.samples[0]![0]) / this.samples.length;
  }
}

interface Line {
  readonly begin: number;
  readonly end: number;
}

function textOf(lines: Buffer, { begin, end }: Line): string {
  return lines.toString('utf8', begin, end);
}

/** The place of the type's first letter, which the clock alone stands before; −1 where there is none. */
function typeAt(lines: Buffer, { begin, end }: Line): number {
  const last = Math.min(end, begin + MAX_BEFORE_TYPE);
  for (let at = begin; at < last; at++) {
    // `"ty`, then `pe":"` is certain enough: the line is parsed before it is used.
    if (lines[at] === 34 && lines[at + 1] === 116 && lines[at + 2] === 121) return at + 8;
  }
  return -1;
}

/** True for lines that a list needs, by the first letters of their type. */
function isWanted(lines: Buffer, at: number): boolean {
  const type = lines.toString('latin1', at, at + 5);
  return (
    type === 'run-s' || type === 'run-f' || type === 'evalu' || type === 'monit' || type === 'train'
  );
}

/** True if a type begins with `step`, as most lines' does. */
function isStep(lines: Buffer, at: number): boolean {
  return lines[at] === 115 && lines[at + 1] === 116 && lines[at + 2] === 101;
}

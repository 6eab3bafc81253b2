/** What the terminal says about a run: lines that stay, and lines that show where it stands now. */
import { join } from 'node:path';

import {
  evaluationSet,
  formatMetric,
  headlineOf,
  type Headline,
  isHeadline,
  affectsHeadline,
  isShare,
} from '@eddy/core/report';
import type { RunEvent, RunSummary } from '@eddy/core';

import { formatCount, formatDate, formatDuration } from './format.ts';
import { computeLines } from './compute-table.ts';
import { eventsBefore } from '../projection/history.ts';
import { planScreen } from './plan-screen.ts';
import { resultLines, type EvaluationFinished } from './results.ts';
import { sparkline } from './sparkline.ts';
import type { Style } from './style.ts';
import { TrainingMeter } from './training-meter.ts';
import { textWidth, wrapText } from './width.ts';

const BAR_WIDTH = 24;
const SPARKLINE_WIDTH = 24;
/** Shown during training, where the model has them: metric → label. */
const SHOWN_METRICS = {
  lm_loss: 'loss',
  exact_accuracy: 'exact',
  accuracy: 'cells',
  q_halt_accuracy: 'halt',
  steps: 'steps',
};
/** A narrower terminal has no room for a bar and a curve. */
const NARROW = 60;

interface Counter {
  readonly label: string;
  readonly done: number;
  readonly total?: number;
}

/** The events that results are made of; few, however long a run is. */
const isOfResults = (event: RunEvent) =>
  affectsHeadline(event) || event.type === 'checkpoint-saved';

type MonitorUpdated = Extract<RunEvent, { type: 'monitor-updated' }>;

export class RunView {
  readonly #style: Style;
  readonly #width: () => number;
  #meter = new TrainingMeter();
  /** What the results are made of, also from before the run was resumed. */
  readonly #judged: RunEvent[] = [];
  readonly #counters = new Map<string, Counter>();
  #run: RunSummary | null = null;
  #earlierMs = 0;
  /** The stage that trains now. */
  #training: string | undefined;
  #checkpoint: Extract<RunEvent, { type: 'checkpoint-saved' }> | null = null;

  /** @param width  columns of the terminal, which may change */
  constructor(style: Style, width: () => number = () => Infinity) {
    this.#style = style;
    this.#width = width;
  }

  /** Takes an event in and returns the lines that it leaves behind. */
  lines(event: RunEvent): string[] {
    return this.#linesOf(event).flatMap((line) => wrapText(line, this.#width(), 2));
  }

  #linesOf(event: RunEvent): string[] {
    const style = this.#style;
    if (isOfResults(event)) this.#judged.push(event);
    switch (event.type) {
      case 'run-started': {
        this.#run = event.run;
        this.#earlierMs = event.earlierMs ?? 0;
        const before = eventsBefore(event, join(event.run.folder, 'journal.jsonl'));
        this.#judged.unshift(...before.filter(isOfResults));
        const { name, engine, precision, folder } = event.run;
        // `auto` says nothing: the plan names the engine that was chosen.
        const chosen = [engine, precision].filter((value) => value !== 'auto').join(', ');
        const on = chosen === '' ? '' : ` on ${chosen}`;
        return [`${style('bold', name)}${on}`, style('dim', folder)];
      }
      case 'stage-started':
        this.#counters.set(event.stage, { label: '', done: 0 });
        return [];
      case 'stage-reused':
        this.#counters.delete(event.stage);
        return [`${style('green', '↺')} ${event.stage.padEnd(9)} ${reusedText(event)}`];
      case 'stage-finished':
        this.#counters.delete(event.stage);
        return [
          `${style('green', '✔')} ${event.stage.padEnd(9)} ${formatDuration(event.busyMs ?? event.durationMs)}`,
        ];
      case 'progress':
        this.#counters.set(event.stage, event);
        return [];
      case 'message':
        return [
          event.level === 'warning' ? `${style('yellow', '! warning')} ${event.text}` : event.text,
        ];
      case 'leakage-checked':
        return [
          event.report.leakedExamples > 0 && event.report.droppedGroups === 0
            ? `${style('yellow', '! leakage')} ${event.text}`
            : event.text,
        ];
      case 'training-started': {
        const { step, compileMs, stage } = event;
        if (stage !== this.#training) this.#meter = new TrainingMeter();
        this.#training = stage;
        return [
          style(
            'dim',
            `step ${formatCount(step)} begins, compiled in ${formatDuration(compileMs)}`,
          ),
        ];
      }
      case 'training-planned':
        if (event.isReused === true) return [];
        return ['', ...planScreen(event.plan, style, this.#width()), ''];
      case 'step-finished':
        if (event.isReused !== true) this.#meter.add(event);
        return [];
      case 'checkpoint-saved':
        this.#checkpoint = event;
        return [];
      case 'evaluation-started':
        return [];
      case 'evaluation-finished':
        this.#meter.resetRate();
        this.#endCounters(event.split);
        return [this.#evaluationLine(event)];
      case 'monitor-updated':
        return [this.#monitorLine(event)];
      case 'compute-measured':
        this.#endCounters('supervision steps');
        return computeLines(event, style, this.#width());
      case 'resumed':
        return [
          `${style('cyan', '↻')} resumed at step ${formatCount(event.step)} from ${event.path}`,
        ];
      case 'engine-died':
        return [
          `${style('red', '✖')} the engine died (${event.reason}); restart ${event.restart} from the last checkpoint`,
        ];
      case 'run-finished':
        return this.#finishLines(event);
    }
  }

  /** Where the run stands, for a terminal. */
  liveLines(): string[] {
    const busy = [...this.#counters].filter(
      ([stage, { label }]) => label !== '' || this.#isTraining(stage),
    );
    const shown = busy.length > 0 ? busy : [...this.#counters].slice(-1);
    return shown.flatMap(([stage, counter]) =>
      this.#isTraining(stage) ? this.#trainingLines(stage) : [this.#counterLine(stage, counter)],
    );
  }

  /** Where the run stands, in one line for a log; null when there is nothing to say. */
  progressLine(): string | null {
    // An evaluation counts while training waits for it.
    const counter = [...this.#counters].findLast(([, { label }]) => label !== '');
    if (counter !== undefined) return this.#counterLine(...counter);
    return this.#meter.last === null ? null : this.#trainingSummary();
  }

  /** The stage goes on, but waits. */
  #endCounters(label: string): void {
    for (const [stage, counter] of this.#counters) {
      if (counter.label === label) this.#counters.set(stage, { label: '', done: 0 });
    }
  }

  #isTraining(stage: string): boolean {
    return stage === this.#training && this.#meter.last !== null;
  }

  #counterLine(stage: string, { label, done, total }: Counter): string {
    const amount =
      total === undefined ? formatCount(done) : `${formatCount(done)}/${formatCount(total)}`;
    const hasBar = total !== undefined && this.#width() >= NARROW;
    const bar = hasBar ? `${this.#bar(total === 0 ? 1 : done / total)}  ` : '';
    return `  ${stage.padEnd(9)} ${label === '' ? '…' : `${bar}${amount} ${label}`}`;
  }

  #trainingLines(stage: string): string[] {
    const { last, rate, remainingMs } = this.#meter;
    const progress = last!.step / last!.totalSteps;
    const isNarrow = this.#width() < NARROW;
    const head = [
      `  ${stage.padEnd(9)} ${isNarrow ? percentOf(progress) : this.#bar(progress)}`,
      `step ${formatCount(last!.step)}/${formatCount(last!.totalSteps)}`,
      `${formatRate(rate)}`,
      `ETA ${formatDuration(remainingMs)}`,
      ...(this.#checkpoint === null ? [] : [`saved ${formatCount(this.#checkpoint.step)}`]),
    ];
    const chart = isNarrow
      ? []
      : [this.#style('cyan', sparkline(this.#meter.losses, SPARKLINE_WIDTH))];
    const [metric = '', ...more] = this.#metricTexts();
    const metrics = [`${' '.repeat(isNarrow ? 2 : 12)}${metric}`, ...more, ...chart];
    return [this.#whatFits(head), this.#whatFits(metrics)];
  }

  /** As many parts as the terminal has room for, on one line. */
  #whatFits(parts: readonly string[]): string {
    let line = parts[0]!;
    for (const part of parts.slice(1)) {
      if (textWidth(line) + 2 + textWidth(part) <= this.#width()) line += `  ${part}`;
    }
    return line;
  }

  #trainingSummary(): string {
    const { last, rate, remainingMs } = this.#meter;
    const steps = `step ${formatCount(last!.step)}/${formatCount(last!.totalSteps)}`;
    const pace = [formatRate(rate), `ETA ${formatDuration(remainingMs)}`];
    // In a narrow terminal the time left is worth more than a third metric.
    const [loss, ...metrics] = this.#metricTexts();
    return this.#whatFits([steps, ...(loss === undefined ? [] : [loss]), ...pace, ...metrics]);
  }

  #metricTexts(): string[] {
    const { metrics } = this.#meter;
    return Object.entries(SHOWN_METRICS)
      .filter(([name]) => name in metrics)
      .map(([name, label]) => `${label} ${formatMetric(name, metrics[name]!)}`);
  }

  #evaluationLine(event: EvaluationFinished): string {
    const { step, examples, metrics, durationMs } = event;
    const described = this.#run?.metrics;
    const shown = Object.entries(metrics)
      .filter(([name]) => isHeadline(name, described) && isShare(name, described))
      .map(([name, value]) => `${name} ${formatMetric(name, value, described)}`)
      .join('  ');
    const when = event.isReused === true ? 'measured before' : formatDuration(durationMs);
    const facts = `${formatCount(examples)} examples, ${when}`;
    return `${this.#style('magenta', '●')} ${evaluationSet(event)} at step ${formatCount(step)}  ${shown}  ${this.#style('dim', facts)}`;
  }

  #monitorLine({ step, metric, split, best, waited, patience, stops }: MonitorUpdated): string {
    const style = this.#style;
    if (best === undefined) return style('dim', `  ${metric} on ${split} has no finite value yet`);
    if (best.step === step) {
      return `  ${style('green', '★')} the best ${metric} on ${split} so far`;
    }
    const of = patience === undefined ? '' : ` of ${patience}`;
    const text = `  ${metric} on ${split} is best at step ${formatCount(best.step)}, ${waited}${of} evaluations ago`;
    return stops ? `${text}: training stops here` : style('dim', text);
  }

  #finishLines(event: Extract<RunEvent, { type: 'run-finished' }>): string[] {
    this.#counters.clear();
    const style = this.#style;
    const verdict = {
      done: style('green', `✔ done in ${this.#timeText(event.timeMs)}`),
      stopped: style('yellow', '■ stopped; resume with: pipeline resume'),
      failed: style('red', `✖ failed: ${event.error?.code ?? 'unknown'}`),
    }[event.status];
    if (this.#run === null) return [verdict];
    const headline = headlineOf(this.#judged);
    const results = {
      run: this.#run,
      evaluations: this.#evaluations(),
      headline,
      checkpoint: this.#pathOf(headline) ?? this.#checkpoint?.path ?? null,
      paths: loggersOf(this.#run).includes('report')
        ? { report: join(this.#run.folder, 'report.html') }
        : {},
    };
    const stopped = event.status === 'stopped' ? ` ${this.#run.folder}` : '';
    return [...resultLines(results, style, this.#width()), '', `${verdict}${stopped}`];
  }

  /** Of this session, and of all sessions of a run that was resumed. */
  #timeText(timeMs: number): string {
    const session = formatDuration(timeMs - this.#earlierMs);
    if (this.#earlierMs === 0) return session;
    return `${session}, ${formatDuration(timeMs)} with the sessions before`;
  }

  /** Each evaluation once: a resumed run tells again of the last one of a training that had ended. */
  #evaluations(): EvaluationFinished[] {
    const byFolder = new Map<string, EvaluationFinished>();
    for (const event of this.#judged) {
      if (event.type === 'evaluation-finished') byFolder.set(event.folder, event);
    }
    return [...byFolder.values()];
  }

  /** Folder of the checkpoint that the results are of. */
  #pathOf(headline: Headline | undefined): string | undefined {
    const saved = this.#judged.findLast(
      (event) =>
        event.type === 'checkpoint-saved' &&
        event.step === headline?.step &&
        event.label === headline.label,
    );
    return saved && 'path' in saved ? saved.path : undefined;
  }

  #bar(fraction: number): string {
    const filled = Math.round(Math.min(1, fraction) * BAR_WIDTH);
    const bar =
      this.#style('green', '━'.repeat(filled)) + this.#style('dim', '─'.repeat(BAR_WIDTH - filled));
    return `${bar} ${percentOf(fraction)}`;
  }
}

/** Returns the place from which a reused result is taken. */
function reusedText({ key, madeBy }: Extract<RunEvent, { type: 'stage-reused' }>): string {
  if (madeBy === undefined) return `cached (${key.slice(0, 12)})`;
  return `reused from ${madeBy.run}, trained on ${formatDate(madeBy.finishedAt)}`;
}

function percentOf(fraction: number): string {
  return `${String(Math.floor(100 * fraction)).padStart(3)} %`;
}

function formatRate(rate: number): string {
  return rate >= 1 || rate === 0 ? `${rate.toFixed(1)} it/s` : `${(1 / rate).toFixed(1)} s/it`;
}

function loggersOf(run: RunSummary): string[] {
  const loggers = (run.config as { loggers?: unknown } | null)?.loggers;
  if (!Array.isArray(loggers)) return [];
  return loggers.map((logger: unknown) =>
    typeof logger === 'string' ? logger : String((logger as { use?: unknown } | null)?.use),
  );
}

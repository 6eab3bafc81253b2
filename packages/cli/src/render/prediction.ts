/** A prediction for people and for programs. */
import { countChanged, drawPuzzle, type Style } from '@eddy/loggers';
import type { Prediction } from '@eddy/core/weights';

/** Broken rules to list. */
const MAX_VIOLATIONS = 8;

interface Shown {
  readonly trace: boolean;
  readonly style: Style;
}

export function predictionsText(predictions: readonly Prediction[], shown: Shown): string {
  const { weights, engine } = predictions[0]!;
  const head = `${weights.path}${weights.averaged ? ', averaged' : ''}, on ${engine}`;
  const lines = [shown.style('dim', head)];
  for (const [i, prediction] of predictions.entries()) {
    const number = predictions.length > 1 ? ` ${i + 1} of ${predictions.length}` : '';
    lines.push('', `puzzle${number}`, ...predictionLines(prediction, shown));
  }
  return `${lines.join('\n')}\n`;
}

function predictionLines(prediction: Prediction, { trace, style }: Shown): string[] {
  const { input, thoughts, mistakes } = prediction;
  const drawing = drawingOf(prediction);
  const draw = (tokens: Uint8Array, marks: object) =>
    drawPuzzle({ ...drawing, tokens, ...marks }, style);
  const last = thoughts.at(-1)!;
  const lines = draw(input, { input });
  if (trace) {
    for (const [step, { preds, qHalt }] of thoughts.entries()) {
      const previous = thoughts[step - 1]?.preds ?? input;
      const changed = countChanged(drawing, previous, preds);
      const amount = changed === 0 ? 'nothing changed' : `${changed} changed`;
      const halt = qHalt === undefined ? '' : `  halt ${signed(qHalt)}`;
      lines.push('', `step ${step + 1}  ${amount}${halt}`);
      if (changed > 0) lines.push(...draw(preds, { input, previous }));
    }
  }
  const steps = thoughts.length === 1 ? '1 step' : `${thoughts.length} steps`;
  lines.push(
    '',
    `answer after ${steps}, ${beliefText(last.qHalt)}`,
    ...draw(last.preds, { input, mistakes }),
    ...verdict(prediction, style),
  );
  return lines;
}

/** The model's own verdict; one without a halting head has none. */
function beliefText(qHalt: number | undefined): string {
  if (qHalt === undefined) return 'from a model that does not report its confidence';
  const belief =
    qHalt > 0 ? 'the model judges it correct' : 'the model is not sure that it is correct';
  return `halt ${signed(qHalt)}: ${belief}`;
}

function verdict({ violations, mistakes }: Prediction, style: Style): string[] {
  const lines: string[] = [];
  if (violations?.length === 0)
    lines.push(style('green', 'right: it keeps the clues and the rules'));
  if (violations !== undefined && violations.length > 0) {
    const more = violations.length - MAX_VIOLATIONS;
    const shown = violations.slice(0, MAX_VIOLATIONS).map((text) => `  ${text}`);
    lines.push(style('red', 'wrong:'), ...shown, ...(more > 0 ? [`  and ${more} more`] : []));
  }
  if (mistakes !== undefined && mistakes.length > 0) {
    lines.push(`${mistakes.length} cells differ from the dataset’s solution`);
  } else if (mistakes !== undefined) lines.push('it equals the dataset’s solution');
  return lines.length === 0 ? [] : ['', ...lines];
}

export function predictionJson(prediction: Prediction): object {
  const { weights, input, thoughts, violations, mistakes, grid, task, engine } = prediction;
  const text = (tokens: Uint8Array) => prediction.format?.(tokens) ?? [...tokens];
  const last = thoughts.at(-1)!;
  return {
    checkpoint: weights.path,
    step: weights.step ?? null,
    averaged: weights.averaged,
    engine,
    task,
    ...grid,
    input: text(input),
    answer: text(last.preds),
    halt: last.qHalt ?? null,
    violations: violations ?? null,
    ...(mistakes === undefined ? {} : { mistakes }),
    steps: thoughts.map(({ preds, qHalt }, step) => ({
      answer: text(preds),
      changed: countChanged(drawingOf(prediction), thoughts[step - 1]?.preds ?? input, preds),
      halt: qHalt ?? null,
    })),
  };
}

const drawingOf = ({ task, grid, format }: Prediction) => ({ task, ...grid, format });

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
}

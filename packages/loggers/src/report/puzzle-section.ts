/** A few puzzles as the model solved them, failures beside successes. */
import type { EvaluationTrace, TracedExample, TracedStep } from '@eddy/core/report';
import { gridStyle, tokenStyle, type GridStyle } from '@eddy/puzzles/style';

import { formatCount } from '../console/format.ts';
import { gridSvg, keySvg, type Grid } from './grid-svg.ts';
import { html, type Html } from './html.ts';

/** Steps that are drawn of a puzzle; of more, those that changed most. */
const MAX_STEPS = 4;
/** Puzzles of each group, so that the file stays small. */
const MAX_SMALL = 4;
const MAX_LARGE = 2;
const LARGE_CELLS = 200;

export function puzzleSection(trace: EvaluationTrace): Html {
  const halts = trace.examples.some(({ steps }) => steps.some(({ qHalt }) => qHalt !== undefined));
  const verdict = halts
    ? 'The halt logit is the model’s own verdict: above 0 it judges its answer correct.'
    : 'The model has no halting values: it does not say how sure it is.';
  const most = trace.rows * trace.cols > LARGE_CELLS ? MAX_LARGE : MAX_SMALL;
  const failed = trace.examples.filter((example) => !example.solved);
  const solved = trace.examples.filter((example) => example.solved);
  return html`<section aria-labelledby="puzzles">
    <h2 id="puzzles">Puzzles, step by step</h2>
    <p>
      ${trace.examples.length} traced examples of ${trace.split} at step ${formatCount(trace.step)}:
      ${failed.length} not solved, ${solved.length} solved. ${verdict}
      <span class="key">${keySvg('wrong')}wrong</span>
      <span class="key">${keySvg('changed')}changed since the step before</span>
    </p>
    ${groups(failed.slice(0, most), solved.slice(0, most), trace)}
  </section>`;
}

/** Beside each other; where all went one way, that group has the room to itself. */
function groups(
  failed: readonly TracedExample[],
  solved: readonly TracedExample[],
  trace: EvaluationTrace,
): Html {
  const style = trace.gridStyle ?? gridStyle(trace.task, trace.rows, trace.cols);
  const articles = (examples: readonly TracedExample[]) =>
    examples.map((example) => exampleArticle(example, trace, style));
  if (failed.length === 0 || solved.length === 0) {
    return html`<div class="pair">${articles([...failed, ...solved])}</div>`;
  }
  return html`<div class="pair">
    <div>
      <h3>Not solved</h3>
      ${articles(failed)}
    </div>
    <div>
      <h3>Solved</h3>
      ${articles(solved)}
    </div>
  </div>`;
}

function exampleArticle(example: TracedExample, trace: EvaluationTrace, style: GridStyle): Html {
  const { input, label, steps, solved } = example;
  const { rows, cols, notScored } = trace;
  const base = { rows, cols, input, notScored };
  const figure = (grid: Grid, title: string, caption: string) =>
    html`<figure>
      ${gridSvg(grid, style, `${title}: ${spoken(grid.cells, cols, style)}`)}
      <figcaption><b>${title}</b> ${caption}</figcaption>
    </figure>`;
  const wrong = mistakes(steps.at(-1)?.preds ?? input, label, notScored);
  const shown = stepsToDraw(example);
  return html`<article>
    <h4>
      Example ${example.index}
      <span class="${solved ? 'good' : 'bad'}">
        ${solved ? 'solved' : `${formatCount(wrong)} ${wrong === 1 ? 'cell' : 'cells'} wrong`}
      </span>
    </h4>
    <div class="grids">
      ${figure({ ...base, cells: input }, 'Puzzle', '')}
      ${shown.map((index) => {
        const { preds, qHalt } = steps[index]!;
        const previous = steps[index - 1]?.preds;
        const facts = [
          previous === undefined ? '' : `${differences(preds, previous)} changed`,
          `${mistakes(preds, label, notScored)} wrong`,
          sureText(steps[index]!),
          qHalt === undefined ? '' : `halt ${signed(qHalt)}`,
        ];
        const title =
          index === steps.length - 1 ? `Answer, step ${index + 1}` : `Step ${index + 1}`;
        const caption = facts.filter((text) => text !== '').join(', ');
        return figure({ ...base, cells: preds, previous, label }, title, caption);
      })}
      ${solved ? null : figure({ ...base, cells: rightAnswer(example, notScored) }, 'Right answer', '')}
    </div>
  </article>`;
}

/** The first and the last step, and of those between the ones that changed most. */
function stepsToDraw({ steps }: TracedExample): number[] {
  const last = steps.length - 1;
  const changes = steps.map((step, i) =>
    i === 0 ? 0 : differences(step.preds, steps[i - 1]!.preds),
  );
  const between = changes
    .map((_, i) => i)
    .filter((i) => i > 0 && i < last && changes[i]! > 0)
    .sort((a, b) => changes[b]! - changes[a]!)
    .slice(0, MAX_STEPS - 2);
  // A last step that says the same as the only other one is still the answer.
  const first = last > 0 && (between.length > 0 || changes[last]! > 0) ? [0] : [];
  return [...first, ...between.sort((a, b) => a - b), ...(last >= 0 ? [last] : [])];
}

/** Where a cell is not scored, the puzzle stands for the answer. */
function rightAnswer({ input, label }: TracedExample, notScored: number | null): number[] {
  return label.map((token, cell) => (token === notScored ? input[cell]! : token));
}

/** The mean probability that the model gives its cells. */
function sureText({ probabilities }: TracedStep): string {
  if (probabilities === undefined || probabilities.length === 0) return '';
  const sum = probabilities.reduce((total, thousandths) => total + thousandths, 0);
  return `${(sum / probabilities.length / 10).toFixed(1)} % sure`;
}

/** A grid in words for screen readers; only where cells have texts. */
function spoken(cells: readonly number[], cols: number, style: GridStyle): string {
  const words = cells.map((token) => tokenStyle(style, token).text ?? '·');
  const rows: string[] = [];
  for (let start = 0; start < words.length; start += cols) {
    rows.push(words.slice(start, start + cols).join(' '));
  }
  return rows.join(', ');
}

function mistakes(
  preds: readonly number[],
  label: readonly number[],
  notScored: number | null,
): number {
  return label.filter((token, cell) => token !== notScored && token !== preds[cell]).length;
}

function differences(a: readonly number[], b: readonly number[]): number {
  return a.filter((token, cell) => token !== b[cell]).length;
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)}`;
}

/** A few puzzles as the model solved them: one grid per supervision step that changed something. */
import type { EvaluationTrace, TracedExample } from '@eddy/core/report';
import { gridStyle, tokenStyle, type GridStyle, type TokenStyle } from '@eddy/puzzles/style';

import type { Html } from './html.ts';
import { html } from './html.ts';

interface Grid {
  readonly cells: readonly number[];
  /** Where this differs from the grid before; highlighted. */
  readonly previous: readonly number[] | null;
  readonly label: readonly number[] | null;
}

export function puzzleSection(trace: EvaluationTrace): Html {
  const halts = trace.examples.some(({ steps }) => steps.some(({ qHalt }) => qHalt !== undefined));
  const verdict = halts
    ? 'The halt logit is the model’s own verdict: above 0 it takes its answer for right.'
    : 'The model has no halting values: it does not say how sure it is.';
  const style = trace.gridStyle ?? gridStyle(trace.task, trace.rows, trace.cols);
  return html`<section aria-labelledby="puzzles">
    <h2 id="puzzles">Puzzles, step by step</h2>
    <p>
      ${trace.examples.length} of the ${trace.split} split at step ${trace.step}. Each grid is the
      model’s whole answer after one supervision step; steps that change nothing are left out.
      <span class="key key-changed">changed</span>
      <span class="key key-wrong">wrong</span> ${verdict}
    </p>
    ${trace.examples.map((example) => exampleFigure(example, trace, style))}
  </section>`;
}

function exampleFigure(example: TracedExample, trace: EvaluationTrace, style: GridStyle): Html {
  const { input, label, steps, solved } = example;
  const shown = steps
    .map((step, index) => ({ ...step, index, previous: steps[index - 1]?.preds ?? null }))
    .filter(
      ({ preds, previous, index }) =>
        previous === null || index === steps.length - 1 || differences(preds, previous) > 0,
    );
  const grid = (content: Grid, title: string, caption: string) =>
    html`<figure>
      ${gridSvg(content, input, trace, style, title)}
      <figcaption><b>${title}</b> ${caption}</figcaption>
    </figure>`;
  return html`<article>
    <h3>
      Puzzle ${example.index}
      <span class="${solved ? 'good' : 'bad'}">${solved ? 'solved' : 'not solved'}</span>
    </h3>
    <div class="grids">
      ${grid({ cells: input, previous: null, label: null }, 'puzzle', '')}
      ${shown.map(({ preds, previous, qHalt, index }) => {
        const changed = previous === null ? '' : `${differences(preds, previous)} changed, `;
        const halt = qHalt === undefined ? '' : `, halt ${signed(qHalt)}`;
        const caption = `${changed}${mistakes(preds, label, trace)} wrong${halt}`;
        return grid({ cells: preds, previous, label }, `step ${index + 1}`, caption);
      })}
    </div>
  </article>`;
}

function gridSvg(
  { cells, previous, label }: Grid,
  input: readonly number[],
  { rows, cols, notScored }: EvaluationTrace,
  style: GridStyle,
  title: string,
): Html {
  const side = cols > 12 ? 8 : 22;
  const squares: Html[] = [];
  const letters: Html[] = [];
  for (let cell = 0; cell < rows * cols; cell++) {
    const token = cells[cell]!;
    const [x, y] = [(cell % cols) * side, Math.floor(cell / cols) * side];
    const isWrong = label !== null && label[cell] !== notScored && token !== label[cell];
    const isChanged = previous !== null && previous[cell] !== token;
    const { text, ...look } = tokenStyle(style, token);
    const square = (kind: string, colour: string | null) =>
      html`<rect
        class="${kind}"
        fill="${colour ?? 'none'}"
        x="${x}"
        y="${y}"
        width="${side}"
        height="${side}"
      />`;
    const fill = fillOf(look);
    if (fill !== null) squares.push(square(fill.class, fill.colour));
    if (isChanged) squares.push(square('changed', null));
    if (isWrong) squares.push(square('wrong', null));
    if (text !== undefined) {
      const kind = tokenStyle(style, input[cell]!).given === true ? 'given' : 'found';
      letters.push(
        html`<text class="${kind}" x="${x + side / 2}" y="${y + side / 2}">${text}</text>`,
      );
    }
  }
  const [width, height] = [cols * side, rows * side];
  return html`<svg
    role="img"
    aria-label="${title}: ${spoken(cells, cols, style)}"
    viewBox="-1 -1 ${width + 2} ${height + 2}"
    width="${width}"
    height="${height}"
  >
    ${squares}${lines(width, height, side, style)}${letters}
  </svg>`;
}

/** A tone is a class of the style sheet, a colour stands for itself. */
function fillOf({ fill, outside }: TokenStyle): { class: string; colour: string | null } | null {
  if (outside === true) return { class: 'outside', colour: null };
  if (fill === undefined) return null;
  return fill.startsWith('#') ? { class: 'colour', colour: fill } : { class: fill, colour: null };
}

function lines(width: number, height: number, side: number, style: GridStyle): Html {
  const draw = (stepX: number, stepY: number): string => {
    let path = '';
    for (let x = 0; x <= width; x += stepX) path += `M${x} 0V${height}`;
    for (let y = 0; y <= height; y += stepY) path += `M0 ${y}H${width}`;
    return path;
  };
  const thick =
    style.box === undefined
      ? draw(width, height)
      : draw(style.box.cols * side, style.box.rows * side);
  return html`<path class="thin" d="${draw(side, side)}" /><path class="thick" d="${thick}" />`;
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
  { notScored }: EvaluationTrace,
): number {
  return label.filter((token, cell) => token !== notScored && token !== preds[cell]).length;
}

function differences(a: readonly number[], b: readonly number[]): number {
  return a.filter((token, cell) => token !== b[cell]).length;
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)}`;
}

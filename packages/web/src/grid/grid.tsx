/** A puzzle's grid: Sudoku of every size, mazes, ARC, and any other tokens as numbers. */
import { boundsOf, tokenStyle, type Area } from '@eddy/puzzles/style';
import type { CSSProperties } from 'preact';
import { useRef, useState } from 'preact/hooks';

import { isGiven, isWrong, spokenCell, type CellFacts } from './cell-state.ts';
import { fillOf } from './fill.ts';
import { focusAfter, typedToken } from './grid-keys.ts';

export interface GridProps extends CellFacts {
  readonly rows: number;
  /** Name of the grid for screen readers. */
  readonly label: string;
  /** The part of the grid that is drawn; by default everything that is not padding. */
  readonly area?: Area | undefined;
  /** Makes the grid editable: called with a cell and the token that is entered into it. */
  readonly onInput?: ((cell: number, token: number) => void) | undefined;
  /** A token to paint with: pressing and dragging enter it. */
  readonly brush?: number | undefined;
  /** Called when a cell gets the focus. */
  readonly onSelect?: ((cell: number) => void) | undefined;
  /** Shows the cell below the pointer or with the focus in words, in a line below the grid; true by default. */
  readonly readout?: boolean | undefined;
}

/**
 * Draws a grid. It is one tab stop, in which arrow keys, Home, End, Page Up and Page Down move. The shade of a
 * cell says how unsure the model is, a stroke through it that it is wrong, a marked corner that it changed.
 */
export function Grid(props: GridProps) {
  const { rows, cols, cells, gridStyle, label, onInput, onSelect, brush } = props;
  const area = props.area ?? boundsOf(gridStyle, cells, props) ?? { row: 0, col: 0, rows, cols };
  const [focused, setFocused] = useState<number>();
  const [pointed, setPointed] = useState<number>();
  const table = useRef<HTMLDivElement>(null);
  const first = area.row * cols + area.col;
  const isInside = (cell: number) => contains(area, cell, cols);
  const tabStop = focused !== undefined && isInside(focused) ? focused : first;

  const enter = (cell: number | undefined) => {
    if (cell !== undefined && brush !== undefined && cells[cell] !== brush) onInput?.(cell, brush);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const cell = cellOf(event.target);
    if (cell === undefined) return;
    const next = focusAfter(event.key, cell, { area, cols });
    if (next !== undefined) {
      event.preventDefault();
      event.stopPropagation();
      table.current?.querySelector<HTMLElement>(`[data-cell="${next}"]`)?.focus();
      return;
    }
    if (onInput === undefined) return;
    const painted = event.key === 'Enter' || event.key === ' ' ? brush : undefined;
    const token = painted ?? typedToken(event.key, cells[cell]!, gridStyle);
    if (token === undefined) return;
    event.preventDefault();
    onInput(cell, token);
  };
  const shown = pointed ?? focused;
  return (
    <div class="eddy-grid" style={variables({ '--cols': area.cols, '--rows': area.rows })}>
      <div
        ref={table}
        role="grid"
        aria-label={label}
        aria-readonly={onInput === undefined}
        class={`eddy-cells${brush === undefined ? '' : ' eddy-painting'}`}
        onKeyDown={onKeyDown}
        onFocusIn={(event) => {
          const cell = cellOf(event.target);
          setFocused(cell);
          if (cell !== undefined) onSelect?.(cell);
        }}
        onFocusOut={() => setPointed(undefined)}
        onPointerDown={(event) => enter(cellOf(event.target))}
        onPointerMove={(event) => {
          const below = cellOf(document.elementFromPoint(event.clientX, event.clientY));
          if (below !== pointed) setPointed(below);
          if (event.buttons === 1) enter(below);
        }}
        onPointerLeave={() => setPointed(undefined)}
      >
        {Array.from({ length: area.rows }, (_, row) => (
          <div role="row" class="eddy-row" key={row}>
            {Array.from({ length: area.cols }, (_unused, col) => {
              const cell = first + row * cols + col;
              return (
                <div
                  key={col}
                  role="gridcell"
                  data-cell={cell}
                  tabIndex={cell === tabStop ? 0 : -1}
                  aria-label={spokenCell(props, cell, area)}
                  class={classOf(props, cell, row, col)}
                  style={variables(cellVariables(props, cell))}
                >
                  {tokenStyle(gridStyle, cells[cell]!).text}
                </div>
              );
            })}
          </div>
        ))}
      </div>
      {props.readout === false ? null : (
        // Screen readers hear the same from the cell itself.
        <p class="eddy-readout" aria-hidden="true">
          {shown !== undefined && isInside(shown) ? sentence(spokenCell(props, shown, area)) : ' '}
        </p>
      )}
    </div>
  );
}

function contains(area: Area, cell: number, cols: number): boolean {
  const [row, col] = [Math.floor(cell / cols) - area.row, (cell % cols) - area.col];
  return row >= 0 && row < area.rows && col >= 0 && col < area.cols;
}

function classOf(props: GridProps, cell: number, row: number, col: number): string {
  const { gridStyle, cells, puzzle, changed } = props;
  const { box } = gridStyle;
  const classes = ['eddy-cell'];
  const add = (condition: boolean, name: string) => condition && classes.push(name);
  add(tokenStyle(gridStyle, cells[cell]!).outside === true, 'eddy-outside');
  add(puzzle !== undefined && !isGiven(props, cell), 'eddy-found');
  add(isGiven(props, cell), 'eddy-given');
  add(changed?.has(cell) === true, 'eddy-changed');
  add(isWrong(props, cell), 'eddy-wrong');
  add(box !== undefined && row > 0 && row % box.rows === 0, 'eddy-box-top');
  add(box !== undefined && col > 0 && col % box.cols === 0, 'eddy-box-left');
  return classes.join(' ');
}

function cellVariables(props: GridProps, cell: number): Record<string, number | string> {
  const { fill } = tokenStyle(props.gridStyle, props.cells[cell]!);
  const probability = props.probabilities?.[cell];
  return {
    ...(fill !== undefined && { '--fill': fillOf(fill) }),
    ...(probability !== undefined && { '--sure': probability }),
  };
}

const variables = (values: Record<string, number | string>) => values as CSSProperties;

function cellOf(target: EventTarget | null): number | undefined {
  const cell = target instanceof Element ? target.closest('[data-cell]') : null;
  return cell === null ? undefined : Number(cell.getAttribute('data-cell'));
}

const sentence = (text: string) => `${text[0]!.toUpperCase()}${text.slice(1)}`;

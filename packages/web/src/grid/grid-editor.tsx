/** A grid that a person fills in: with keys, with a palette, or by painting. */
import { tokenStyle, type GridStyle } from '@eddy/puzzles/style';
import { useState } from 'preact/hooks';

import { fillOf } from './fill.ts';
import { Grid, type GridProps } from './grid.tsx';

export interface GridEditorProps extends Omit<
  GridProps,
  'onInput' | 'brush' | 'onSelect' | 'puzzle'
> {
  /** Called with all cells after a change of one. */
  readonly onCells: (cells: Uint8Array) => void;
}

/**
 * Draws an editable grid and the palette of its tokens. Where tokens are colours (mazes, ARC), the palette
 * chooses what pressing and dragging paints; where they are text, it enters the token into the chosen cell, for
 * phones without a keyboard. A keyboard enters a token by its key.
 */
export function GridEditor({ onCells, ...grid }: GridEditorProps) {
  const { gridStyle, cells } = grid;
  const entries = entriesOf(gridStyle);
  const paints = entries.some(([, { fill }]) => fill !== undefined);
  const [brush, setBrush] = useState(entries[0]?.[0]);
  const [selected, setSelected] = useState<number>();
  const enter = (cell: number, token: number) => onCells(Uint8Array.from(cells).with(cell, token));
  const choose = (token: number) => {
    if (paints) setBrush(token);
    else if (selected !== undefined) enter(selected, token);
  };
  return (
    <div class="eddy-editor">
      <Grid
        {...grid}
        puzzle={cells}
        onInput={enter}
        onSelect={setSelected}
        brush={paints ? brush : undefined}
      />
      <div
        class="eddy-palette"
        role="group"
        aria-label={paints ? 'Paint with' : 'Enter into the chosen cell'}
      >
        {entries.map(([token, { name, text, key, fill }]) => (
          <button
            key={token}
            type="button"
            aria-label={name}
            aria-pressed={paints ? brush === token : undefined}
            disabled={!paints && selected === undefined}
            title={`${name} (key ${key})`}
            style={fill === undefined ? {} : { '--fill': fillOf(fill) }}
            onClick={() => choose(token)}
          >
            {text ?? (fill === undefined ? '␣' : '')}
          </button>
        ))}
      </div>
    </div>
  );
}

/** Tokens that a person enters. */
function entriesOf(style: GridStyle) {
  return style.tokens
    .map((_, token) => [token, tokenStyle(style, token)] as const)
    .filter(([, { key }]) => key !== undefined);
}

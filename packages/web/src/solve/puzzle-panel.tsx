/** Where a person makes a puzzle: by typing, painting, pasting, or choosing one. */
import { isMisreading, type Misreading } from '@eddy/puzzles';
import { boundsOf } from '@eddy/puzzles/style';
import { useEffect, useId, useMemo, useRef, useState } from 'preact/hooks';

import { GridEditor } from '../grid/grid-editor.tsx';
import type { ModelFacts } from '../model/web-model.ts';
import { resized } from './kinds/arc.ts';
import type { PuzzleKind } from './kinds/index.ts';
import type { Asked } from './asked.ts';

export interface PuzzlePanelProps {
  readonly about: ModelFacts;
  readonly kind: PuzzleKind;
  readonly asked: Asked;
  readonly onChange: (next: Partial<Asked>) => void;
}

/** Draws the editor of a puzzle. */
export function PuzzlePanel({ about, kind, asked, onChange }: PuzzlePanelProps) {
  const { rows, cols } = about.grid;
  const id = useId();
  const size = { rows, cols };
  const area = boundsOf(kind.style, asked.cells, size);
  const judgement = useMemo(() => kind.judgePuzzle?.(asked.cells), [kind, asked.cells]);
  const setCells = (cells: Uint8Array) => onChange({ cells });
  const choose = (index: number) => {
    const example = about.examples[index];
    if (example === undefined) return;
    onChange({
      cells: Uint8Array.from(example.input),
      label: example.label && Uint8Array.from(example.label),
      ...(example.identifier !== undefined && { identifier: example.identifier }),
    });
  };
  return (
    <>
      <div class="eddy-toolbar">
        {about.examples.length > 0 && (
          <select
            aria-label="Puzzles of the dataset"
            value=""
            onChange={({ currentTarget }) => {
              choose(Number(currentTarget.value));
              currentTarget.value = '';
            }}
          >
            <option value="" disabled>
              Example…
            </option>
            {about.examples.map(({ name }, index) => (
              <option key={name} value={index}>
                {name}
              </option>
            ))}
          </select>
        )}
        {kind.generate && (
          <button type="button" onClick={() => setCells(kind.generate!())}>
            New puzzle
          </button>
        )}
        <button type="button" onClick={() => setCells(kind.blank())}>
          Clear
        </button>
      </div>
      <GridEditor
        label="Puzzle to solve"
        gridStyle={kind.style}
        rows={rows}
        cols={cols}
        area={area}
        cells={asked.cells}
        onCells={setCells}
      />
      <p class="eddy-hint">{kind.howToEdit}</p>
      {kind.judgePuzzle && (
        <p class={`eddy-judgement eddy-${judgement?.tone ?? 'neutral'}`} role="status">
          {judgement?.text}
        </p>
      )}
      {kind.resizable && (
        <div class="eddy-toolbar">
          {(['rows', 'cols'] as const).map((side) => (
            <label key={side}>
              {side === 'rows' ? 'Rows' : 'Columns'}
              <input
                type="number"
                min={1}
                max={about.grid[side]}
                value={area?.[side] ?? 1}
                onChange={({ currentTarget }) => {
                  const count = clamped(currentTarget.valueAsNumber, 1, about.grid[side]);
                  const wanted = { rows: area?.rows ?? 1, cols: area?.cols ?? 1, [side]: count };
                  setCells(resized(asked.cells, wanted, rows));
                }}
              />
            </label>
          ))}
        </div>
      )}
      {about.identifiers.length > 0 && (
        <div class="eddy-field">
          <label for={`${id}-identifier`}>Task to ask about</label>
          <select
            id={`${id}-identifier`}
            value={asked.identifier}
            onChange={({ currentTarget }) =>
              onChange({ identifier: Number(currentTarget.value), label: asked.label })
            }
          >
            {about.identifiers.map(({ name, id: own }) => (
              <option key={own} value={own}>
                {name}
              </option>
            ))}
          </select>
        </div>
      )}
      <Paste kind={kind} cells={asked.cells} onCells={setCells} />
    </>
  );
}

function clamped(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, Math.round(value) || low));
}

/** A field for puzzles as text; of several the first is taken. */
function Paste({
  kind,
  cells,
  onCells,
}: {
  readonly kind: PuzzleKind;
  /** The puzzle that is shown: text that is no longer it goes. */
  readonly cells: Uint8Array;
  readonly onCells: (cells: Uint8Array) => void;
}) {
  const id = useId();
  const [text, setText] = useState('');
  const [misreading, setMisreading] = useState<Misreading>();
  const pasted = useRef(cells);
  useEffect(() => {
    if (cells === pasted.current) return;
    pasted.current = cells;
    setText('');
    setMisreading(undefined);
  }, [cells]);
  const take = (content: string) => {
    setText(content);
    if (content.trim() === '') {
      setMisreading(undefined);
      return;
    }
    const read = kind.read(content);
    setMisreading(isMisreading(read) ? read : undefined);
    if (isMisreading(read)) return;
    pasted.current = read[0]!;
    onCells(read[0]!);
  };
  return (
    <details class="eddy-paste">
      <summary>Paste a puzzle</summary>
      <label for={id}>{kind.howToPaste}</label>
      <textarea
        id={id}
        rows={5}
        spellcheck={false}
        autocomplete="off"
        aria-invalid={misreading !== undefined}
        aria-describedby={`${id}-problem`}
        value={text}
        onInput={({ currentTarget }) => take(currentTarget.value)}
      />
      <p id={`${id}-problem`} class="eddy-judgement eddy-bad" role="status">
        {misreading &&
          `Line ${misreading.line}, column ${misreading.column}: expected ${misreading.expected}, got ${misreading.received}.`}
      </p>
    </details>
  );
}

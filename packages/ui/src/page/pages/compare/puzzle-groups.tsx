/** The puzzles that some of the runs solve and others do not. */
import { useState } from 'preact/hooks';

import type { CompareView, PuzzleGroup, PuzzlesView } from '../../../api/compare.ts';
import { Card } from '../../components/card.tsx';
import { formatCount } from '../../format.ts';
import { ComparedPuzzle } from './compared-puzzle.tsx';
import { RunLetter } from './run-letter.tsx';

export function PuzzleGroups({ view }: { readonly view: CompareView }) {
  const { puzzles } = view;
  return (
    <Card title="Puzzles that only some of the runs solve">
      {puzzles === undefined ? (
        <p class="dim">
          This comparison needs two runs that recorded which puzzles they solved, on the same
          puzzles in the same order. Evaluations by older versions of Eddy did not record it.
        </p>
      ) : (
        <Groups view={view} puzzles={puzzles} />
      )}
    </Card>
  );
}

function Groups({ view, puzzles }: { readonly view: CompareView; readonly puzzles: PuzzlesView }) {
  const [chosen, setChosen] = useState<number>();
  const taking = view.runs.flatMap(({ id }, i) =>
    puzzles.steps[i] === null ? [] : [{ id, i, step: puzzles.steps[i]! }],
  );
  const left = view.runs.flatMap((_, i) => (puzzles.steps[i] === null ? [i] : []));
  return (
    <>
      <p class="dim">
        {formatCount(puzzles.recorded)} puzzles of {puzzles.set}, at step{' '}
        {taking.map(({ i, step }, place) => (
          <span key={i}>
            {place > 0 && ', '}
            {formatCount(step)} of <RunLetter index={i} />
          </span>
        ))}
        {left.length > 0 && (
          <>
            . Not evaluated on the same puzzles:{' '}
            {left.map((i) => (
              <RunLetter key={i} index={i} />
            ))}
          </>
        )}
      </p>
      <div class="table-scroll" tabIndex={0} role="region" aria-label="Puzzles by who solves them">
        <table class="table puzzle-groups">
          <thead>
            <tr>
              {taking.map(({ i }) => (
                <th key={i} scope="col">
                  <RunLetter index={i} />
                </th>
              ))}
              <th scope="col" class="is-number">
                puzzles
              </th>
              <th scope="col">which</th>
            </tr>
          </thead>
          <tbody>
            {puzzles.groups.map((group) => (
              <Group
                key={group.solvedBy.join()}
                group={group}
                ids={taking.map(({ id }) => id)}
                chosen={chosen}
                onChoose={setChosen}
              />
            ))}
          </tbody>
        </table>
      </div>
      {chosen !== undefined && (
        <ComparedPuzzle key={chosen} index={chosen} view={view} puzzles={puzzles} />
      )}
    </>
  );
}

const SHOWN = 24;

function Group({
  group: { solvedBy, count, examples },
  ids,
  chosen,
  onChoose,
}: {
  readonly group: PuzzleGroup;
  readonly ids: readonly string[];
  readonly chosen: number | undefined;
  readonly onChoose: (index: number) => void;
}) {
  const isMixed = solvedBy.length > 0 && solvedBy.length < ids.length;
  return (
    <tr>
      {ids.map((id) => {
        const solves = solvedBy.includes(id);
        return (
          <td key={id} class={solves ? 'good' : 'bad'}>
            {solves ? '✓' : '✗'}
            <span class="visually-hidden">{solves ? 'solved' : 'failed'}</span>
          </td>
        );
      })}
      <td class="is-number">{formatCount(count)}</td>
      <td>
        {isMixed || solvedBy.length === 0 ? (
          <span class="puzzle-numbers">
            {examples.slice(0, SHOWN).map((index) => (
              <button
                key={index}
                type="button"
                class="button button-small"
                aria-pressed={index === chosen}
                aria-label={`Puzzle ${index}`}
                onClick={() => onChoose(index)}
              >
                {index}
              </button>
            ))}
            {count > SHOWN && (
              <span class="dim">
                and {formatCount(count - Math.min(SHOWN, examples.length))} more
              </span>
            )}
          </span>
        ) : (
          <span class="dim">all of them solve these</span>
        )}
      </td>
    </tr>
  );
}

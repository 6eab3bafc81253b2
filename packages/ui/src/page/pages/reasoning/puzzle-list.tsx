/** The traced puzzles of an evaluation, as pictures of their last answers. */
import type { EvaluationTrace, TracedExample } from '@eddy/core/report';
import { differingCells, gridStyle, GridThumbnail, playerArea } from '@eddy/web/components';

import { playerSteps, verdictOf } from './traced-puzzle.ts';

interface PuzzleListProps {
  readonly trace: EvaluationTrace;
  readonly examples: readonly TracedExample[];
  /** Index of the puzzle that is shown. */
  readonly chosen: number;
  readonly onChoose: (index: number) => void;
}

export function PuzzleList({ trace, examples, chosen, onChoose }: PuzzleListProps) {
  const { task, rows, cols, notScored } = trace;
  const style = trace.gridStyle ?? gridStyle(task, rows, cols);
  return (
    <ul class="puzzle-list" aria-label="Traced puzzles, failures first">
      {examples.map((example) => {
        const { index, input, label, steps } = example;
        const cells = steps.at(-1)?.preds ?? input;
        const verdict = verdictOf(example, trace);
        return (
          <li key={index}>
            <button
              type="button"
              aria-current={index === chosen ? 'true' : undefined}
              onClick={() => onChoose(index)}
            >
              <GridThumbnail
                gridStyle={style}
                rows={rows}
                cols={cols}
                cells={cells}
                puzzle={input}
                wrong={differingCells(cells, label, notScored ?? undefined)}
                area={playerArea(playerSteps(example), label, { gridStyle: style, rows, cols })}
              />
              <span>
                <b>Puzzle {index}</b>
                <span class={verdict.isGood ? 'good' : 'bad'}>{verdict.text}</span>
              </span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

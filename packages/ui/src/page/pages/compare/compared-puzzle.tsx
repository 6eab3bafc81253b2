/** One puzzle, and how each run answered it where that was kept. */
import { gridStyle, GridThumbnail, StepPlayer } from '@eddy/web/components';
import type { EvaluationTrace } from '@eddy/core/report';

import type { CompareView, PuzzlesView } from '../../../api/compare.ts';
import { get } from '../../client/api.ts';
import { useResource } from '../../client/resource.ts';
import { ProblemNote } from '../../components/empty-state.tsx';
import type { ExamplesView } from '../../../api/data.ts';
import { playerSteps } from '../reasoning/traced-puzzle.ts';
import { RunLetter } from './run-letter.tsx';

interface ComparedPuzzleProps {
  readonly index: number;
  readonly view: CompareView;
  readonly puzzles: PuzzlesView;
}

export function ComparedPuzzle({ index, view, puzzles }: ComparedPuzzleProps) {
  const place = puzzles.evaluations.findIndex((key) => key !== null);
  const [split = ''] = puzzles.set.split(' ');
  const { id } = view.runs[place]!;
  const { data, problem } = useResource(`${id}/${split}/${index}`, (signal) =>
    get<ExamplesView>(
      `/runs/${id}/data/examples?${new URLSearchParams({ split, from: String(index), count: '1' })}`,
      signal,
    ),
  );
  const traces = useResource(
    `${view.runs.map((run) => run.id).join()}/${puzzles.evaluations.join()}`,
    (signal) =>
      Promise.all(
        puzzles.evaluations.map((key, i) =>
          key === null
            ? Promise.resolve(undefined)
            : get<EvaluationTrace>(
                `/runs/${view.runs[i]!.id}/reasoning/trace?evaluation=${key}`,
                signal,
              ).catch(() => undefined),
        ),
      ),
  );
  const example = data?.examples[0];
  if (example === undefined) return problem ? <ProblemNote problem={problem} /> : null;
  const { rows, cols, task } = data!;
  const style = data!.gridStyle ?? gridStyle(task, rows, cols);
  const grid = { gridStyle: style, rows, cols };
  const traced = (traces.data ?? []).flatMap((trace, i) => {
    const own = trace?.examples.find((one) => one.index === index);
    return own === undefined ? [] : [{ i, own, notScored: trace!.notScored }];
  });
  return (
    <div class="compared-puzzle">
      <h3>Puzzle {index}</h3>
      <div class="compared-boards">
        <figure>
          <GridThumbnail
            {...grid}
            cells={example.input}
            puzzle={example.input}
            label={`Puzzle ${index}`}
          />
          <figcaption class="dim">puzzle</figcaption>
        </figure>
        <figure>
          <GridThumbnail
            {...grid}
            cells={example.label}
            puzzle={example.input}
            label={`Solution of puzzle ${index}`}
          />
          <figcaption class="dim">solution</figcaption>
        </figure>
      </div>
      {traced.map(({ i, own, notScored }) => (
        <div key={i}>
          <h4>
            <RunLetter index={i} /> step by step
          </h4>
          <StepPlayer
            {...grid}
            label={`Puzzle ${index} of run ${i + 1}`}
            puzzle={own.input}
            solution={own.label}
            notScored={notScored ?? undefined}
            steps={playerSteps(own)}
          />
        </div>
      ))}
      {traced.length === 0 && traces.data !== undefined && (
        <p class="dim">
          No run recorded its steps on this puzzle: an evaluation records those on a few puzzles
          only.
        </p>
      )}
    </div>
  );
}

/** What the model answered: its verdict, that of the rules, and how it got there. */
import { useMemo } from 'preact/hooks';

import type { WebThought } from '../model/solver.ts';
import type { ModelFacts } from '../model/web-model.ts';
import type { PlayerStep } from '../player/player-step.ts';
import { StepPlayer } from '../player/step-player.tsx';
import type { PuzzleKind } from './kinds/index.ts';
import type { Asked } from './asked.ts';
import { verdictOf } from './verdict.ts';

export interface AnswerPanelProps {
  readonly about: ModelFacts;
  readonly kind: PuzzleKind;
  readonly asked: Asked;
  readonly thoughts: readonly WebThought[];
  readonly busy: boolean;
  readonly loading: boolean;
  /** Why no model can be asked. */
  readonly problem: string | undefined;
  readonly plannedSteps: number;
}

/** Rules that are broken, as many as are worth reading. */
const MAX_VIOLATIONS = 6;

/** Draws the answer of a model as it grows. */
export function AnswerPanel(props: AnswerPanelProps) {
  const { about, kind, asked, thoughts, busy, loading, problem, plannedSteps } = props;
  const solution = useMemo(
    () => asked.label ?? kind.judgePuzzle?.(asked.cells).solution,
    [kind, asked],
  );
  const steps = useMemo(
    () =>
      thoughts.map(({ preds, probabilities, halt }): PlayerStep => ({
        cells: preds,
        probabilities,
        halt,
      })),
    [thoughts],
  );
  if (problem !== undefined) {
    return (
      <p class="eddy-verdict eddy-bad" role="alert">
        The model does not run in this browser: {problem}
      </p>
    );
  }
  if (steps.length === 0) {
    return (
      <div class="eddy-waiting">
        <p role="status">
          {busy
            ? 'The model reads the puzzle…'
            : loading
              ? 'The model is loading…'
              : 'Press Solve: the model writes a whole answer and refines it step by step.'}
        </p>
      </div>
    );
  }
  const last = thoughts.at(-1)!;
  const verdict = busy ? undefined : verdictOf({ about, kind, asked, solution, thought: last });
  return (
    <>
      <div
        class={`eddy-verdict eddy-${verdict?.tone ?? 'neutral'}`}
        role="status"
        data-testid="verdict"
      >
        <p>
          <strong>
            {verdict?.title ?? `Thinking: step ${steps.length} of at most ${plannedSteps}`}
          </strong>{' '}
          {verdict?.belief}
        </p>
        {verdict !== undefined && verdict.violations.length > 0 && (
          <ul>
            {verdict.violations.slice(0, MAX_VIOLATIONS).map((text) => (
              <li key={text}>{text}</li>
            ))}
            {verdict.violations.length > MAX_VIOLATIONS && (
              <li>and {verdict.violations.length - MAX_VIOLATIONS} more</li>
            )}
          </ul>
        )}
      </div>
      <StepPlayer
        label="Answer"
        gridStyle={kind.style}
        rows={about.grid.rows}
        cols={about.grid.cols}
        puzzle={asked.cells}
        solution={solution}
        notScored={about.notScored ?? undefined}
        steps={steps}
      />
    </>
  );
}

/** The button that asks the model, and how long it may think. */
import { useId } from 'preact/hooks';

import type { ModelFacts } from '../model/web-model.ts';

/** More steps than anybody waits for. */
const MAX_STEPS = 256;

export interface SolveOptions {
  readonly steps: number;
  readonly untilHalt: boolean;
}

export interface SolveControlsProps {
  readonly about: ModelFacts;
  readonly options: SolveOptions;
  readonly onOptions: (options: SolveOptions) => void;
  readonly ready: boolean;
  readonly busy: boolean;
  readonly onSolve: () => void;
  readonly onStop: () => void;
}

/** Draws the controls of the model. */
export function SolveControls(props: SolveControlsProps) {
  const { about, options, onOptions, ready, busy } = props;
  const id = useId();
  const extra = options.steps - about.steps;
  return (
    <div class="eddy-solve">
      <button
        type="button"
        class="eddy-primary"
        disabled={!ready}
        onClick={busy ? props.onStop : props.onSolve}
      >
        {ready ? (busy ? 'Stop' : 'Solve') : 'Loading…'}
      </button>
      <div class="eddy-field">
        <label for={id}>Supervision steps</label>
        <input
          id={id}
          type="number"
          min={1}
          max={MAX_STEPS}
          value={options.steps}
          aria-describedby={`${id}-note`}
          onChange={({ currentTarget }) => {
            const steps = Math.round(currentTarget.valueAsNumber) || about.steps;
            onOptions({ ...options, steps: Math.min(MAX_STEPS, Math.max(1, steps)) });
          }}
        />
        <span id={`${id}-note`} class="eddy-hint">
          {extra > 0 ? `${extra} more than in training` : `trained with ${about.steps}`}
        </span>
      </div>
      {about.halts && (
        <label class="eddy-check">
          <input
            type="checkbox"
            checked={options.untilHalt}
            onChange={({ currentTarget }) =>
              onOptions({ ...options, untilHalt: currentTarget.checked })
            }
          />
          Stop when the model judges its answer correct
        </label>
      )}
    </div>
  );
}

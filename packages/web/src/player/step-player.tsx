/** Replays how a model refined its answer, one supervision step after the other. */
import { boundsOf, type Area, type GridStyle } from '@eddy/puzzles/style';
import type { CSSProperties } from 'preact';
import { useEffect, useId, useMemo, useState } from 'preact/hooks';

import { percent } from '../grid/cell-state.ts';
import { Grid } from '../grid/grid.tsx';
import {
  playerArea,
  signed,
  spokenStep,
  stepViews,
  type PlayerStep,
  type StepView,
} from './player-step.ts';
import { StepChart } from './step-chart.tsx';

export interface StepPlayerProps {
  /** Name of the puzzle, for headings and screen readers: `Puzzle 12`. */
  readonly label: string;
  readonly gridStyle: GridStyle;
  readonly rows: number;
  readonly cols: number;
  /** Tokens of the puzzle. */
  readonly puzzle: ArrayLike<number>;
  /** Tokens of the solution, where it is known. */
  readonly solution?: ArrayLike<number> | undefined;
  /** Solution tokens equal to this are not compared. */
  readonly notScored?: number | undefined;
  /** The steps so far. More may be added while the model thinks: a player at the last step follows. */
  readonly steps: readonly PlayerStep[];
  /** Index of the step that is shown first; the last by default. */
  readonly start?: number | undefined;
  /** Called with the index of the step whenever another one is shown. */
  readonly onStep?: ((index: number) => void) | undefined;
}

const STEP_MS = 600;

/**
 * Shows the whole answer after a supervision step beside the puzzle and its solution, and plays the steps.
 * Left and right arrow keys, Home and End choose a step, Space plays and pauses.
 */
export function StepPlayer(props: StepPlayerProps) {
  const { label, gridStyle, rows, cols, puzzle, solution, notScored, steps, onStep } = props;
  const id = useId();
  const [chosen, setChosen] = useState(props.start ?? Number.POSITIVE_INFINITY);
  const [playing, setPlaying] = useState(false);
  const views = useMemo(
    () => stepViews(steps, { solution, notScored, gridStyle }),
    [steps, solution, notScored, gridStyle],
  );
  const area = useMemo(
    () => playerArea(steps, solution, { gridStyle, rows, cols }),
    [steps, solution, gridStyle, rows, cols],
  );
  const last = steps.length - 1;
  const index = Math.min(chosen, last);

  const show = (next: number) => {
    // Infinity is the last step, whichever that is by then.
    setChosen(next >= last ? Number.POSITIVE_INFINITY : next);
    onStep?.(Math.min(next, last));
  };
  useEffect(() => {
    if (!playing) return undefined;
    const timer = setTimeout(() => {
      if (index >= last) setPlaying(false);
      else show(index + 1);
    }, STEP_MS);
    return () => clearTimeout(timer);
  }, [playing, index, last]);

  const toggle = () => {
    if (!playing && index >= last) show(0);
    setPlaying(!playing);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const next = stepAfter(event.key, index, last);
    if (next === undefined && event.key !== ' ') return;
    event.preventDefault();
    if (next === undefined) {
      toggle();
      return;
    }
    setPlaying(false);
    show(next);
  };
  const view = views[index];
  if (view === undefined) return null;
  const grid = { gridStyle, rows, cols };
  const puzzleArea = boundsOf(gridStyle, puzzle, grid) ?? area;
  const text = spokenStep(view, index, steps.length);
  return (
    <section class="eddy-player" aria-label={label}>
      <div class="eddy-boards">
        <figure style={columns(puzzleArea)}>
          <figcaption>Puzzle</figcaption>
          <Grid
            {...grid}
            label={`${label}, as it was asked`}
            cells={puzzle}
            puzzle={puzzle}
            area={puzzleArea}
            readout={false}
          />
        </figure>
        <figure class="eddy-answer" style={columns(area)}>
          <figcaption>
            Answer after step {index + 1} of {steps.length}
          </figcaption>
          <Grid
            {...grid}
            label={`${label}, ${text}`}
            cells={view.cells}
            puzzle={puzzle}
            solution={solution}
            wrong={view.wrong}
            changed={view.changed}
            probabilities={view.probabilities}
            area={area}
          />
        </figure>
        {solution === undefined ? null : (
          <figure style={columns(area)}>
            <figcaption>Solution</figcaption>
            <Grid
              {...grid}
              label={`${label}, its solution`}
              cells={solution}
              puzzle={puzzle}
              area={area}
              readout={false}
            />
          </figure>
        )}
      </div>
      <div class="eddy-controls" onKeyDown={onKeyDown}>
        <button type="button" onClick={toggle} aria-label={playing ? 'Pause' : 'Play the steps'}>
          {playing ? '❚❚' : '▶'}
        </button>
        <input
          type="range"
          aria-label={`${label}: supervision step`}
          aria-valuetext={text}
          aria-describedby={id}
          min={1}
          max={steps.length}
          value={index + 1}
          disabled={last < 1}
          onInput={(event) => {
            setPlaying(false);
            show(Number(event.currentTarget.value) - 1);
          }}
        />
      </div>
      <p id={id} class="eddy-step" role="status">
        {text}
      </p>
      {steps.length > 1 && <Charts views={views} current={index} onPick={show} />}
      <Legend view={view} />
    </section>
  );
}

/** The style sheet makes a board wider the more columns it has. */
const columns = ({ cols }: Area) => ({ '--cols': cols }) as CSSProperties;

/** The step that a key asks for. */
function stepAfter(key: string, index: number, last: number): number | undefined {
  if (key === 'ArrowRight' || key === 'ArrowUp') return Math.min(last, index + 1);
  if (key === 'ArrowLeft' || key === 'ArrowDown') return Math.max(0, index - 1);
  if (key === 'Home') return 0;
  return key === 'End' ? last : undefined;
}

function Charts({
  views,
  current,
  onPick,
}: {
  readonly views: readonly StepView[];
  readonly current: number;
  readonly onPick: (index: number) => void;
}) {
  const common = { current, onPick };
  const view = views[current]!;
  const [halts, sure] = [views.map(({ halt }) => halt), views.map((one) => one.meanProbability)];
  const all = <T,>(values: readonly (T | undefined)[]): values is readonly T[] =>
    values.every((value) => value !== undefined);
  return (
    <div class="eddy-charts">
      {all(halts) && (
        <StepChart
          {...common}
          label="Halt logit"
          values={halts}
          text={signed(view.halt!)}
          zero={{ above: 'judges its answer correct', below: 'would continue' }}
        />
      )}
      {view.wrong === undefined ? (
        <StepChart
          {...common}
          label="Cells changed"
          values={views.map(({ changed }) => changed.size)}
          text={String(view.changed.size)}
        />
      ) : (
        <StepChart
          {...common}
          label="Wrong cells"
          values={views.map(({ wrong }) => wrong!.size)}
          text={String(view.wrong.size)}
        />
      )}
      {all(sure) && (
        <StepChart
          {...common}
          label="Mean probability"
          values={sure}
          text={percent(view.meanProbability!)}
        />
      )}
    </div>
  );
}

/** Names the marks that the answer's cells may have. */
function Legend({ view }: { readonly view: StepView }) {
  const cell = (name: string, sure?: number) => (
    <span
      class={`eddy-cell ${name}`}
      aria-hidden="true"
      style={sure === undefined ? {} : { '--sure': sure }}
    >
      5
    </span>
  );
  return (
    <ul class="eddy-legend">
      <li>{cell('eddy-given')} given</li>
      <li>{cell('eddy-changed')} changed in this step</li>
      {view.wrong === undefined ? null : <li>{cell('eddy-wrong')} wrong</li>}
      {view.probabilities === undefined ? null : (
        <li>{cell('', 0.3)} unsure: the darker, the less sure</li>
      )}
    </ul>
  );
}

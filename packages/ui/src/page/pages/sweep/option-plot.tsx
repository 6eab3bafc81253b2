/** A metric against an option: a dot a trial, a line through the means. */
import type { SweepView, TrialView } from '../../../api/sweep.ts';
import { Card } from '../../components/card.tsx';
import { navigate, setQuery } from '../../router.ts';
import { labelOf, rangeOf, textOf } from './metric-text.ts';
import { optionAxis } from './option-axis.ts';

interface OptionPlotProps {
  readonly view: SweepView;
  readonly metric: string;
  /** Option of the address; the first one that varies by default. */
  readonly option: string | null;
}

const [WIDTH, HEIGHT] = [460, 250];
const MARGIN = { left: 62, right: 16, top: 12, bottom: 40 };

export function OptionPlot({ view, metric, option: wanted }: OptionPlotProps) {
  const varied = view.options.filter(
    (name) => new Set(view.trials.map(({ values }) => values[name])).size > 1,
  );
  const option = varied.find((name) => name === wanted) ?? varied[0];
  if (option === undefined) return null;
  return (
    <Card
      title={`${labelOf(metric)} against an option`}
      actions={
        <label class="choice">
          Option
          <select
            class="field mono"
            value={option}
            onChange={(event) => setQuery({ option: event.currentTarget.value })}
          >
            {varied.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
      }
    >
      <Plot view={view} metric={metric} option={option} />
    </Card>
  );
}

function Plot({ view, metric, option }: OptionPlotProps & { readonly option: string }) {
  const trials = view.trials.filter((trial) => Number.isFinite(trial.metrics[metric]));
  const range = rangeOf(trials.map((trial) => trial.metrics[metric]!));
  if (range === undefined) return <p class="dim">No trial has this metric yet.</p>;
  const axis = optionAxis(view.trials.map(({ values }) => values[option]));
  const [low, high] = range;
  const x = (place: number) =>
    MARGIN.left + (0.04 + 0.92 * place) * (WIDTH - MARGIN.left - MARGIN.right);
  const y = (value: number) =>
    MARGIN.top + ((high - value) / (high - low)) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const means = meansOf(trials, metric, option).flatMap(({ value, mean }) => {
    const place = axis.placeOf(value);
    return place === undefined ? [] : [{ place, mean }];
  });
  const line = means
    .sort((a, b) => a.place - b.place)
    .map(({ place, mean }, i) => `${i === 0 ? 'M' : 'L'}${x(place)} ${y(mean)}`);
  const isConstant = new Set(trials.map((trial) => trial.metrics[metric])).size === 1;
  const yTicks = isConstant ? [(low + high) / 2] : [low, (low + high) / 2, high];
  return (
    <svg
      class="plot"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={`${labelOf(metric)} of ${trials.length} trials against ${option}; the table of trials has the numbers`}
    >
      {yTicks.map((value) => (
        <g key={value}>
          <path class="plot-grid" d={`M${MARGIN.left} ${y(value)}H${WIDTH - MARGIN.right}`} />
          <text class="plot-y" x={MARGIN.left - 8} y={y(value)}>
            {textOf(view, metric, value)}
          </text>
        </g>
      ))}
      {axis.ticks.map(({ text, place }) => (
        <text key={text} class="plot-x" x={x(place)} y={HEIGHT - MARGIN.bottom + 16}>
          {text.length > 14 ? `${text.slice(0, 13)}…` : text}
        </text>
      ))}
      <text class="plot-x plot-name" x={(MARGIN.left + WIDTH - MARGIN.right) / 2} y={HEIGHT - 6}>
        {option}
        {axis.isLog && ' (log scale)'}
      </text>
      <path class="plot-line" d={line.join('')} />
      {trials.map((trial) => (
        <circle
          key={trial.id}
          class={trial.runId === undefined ? '' : 'plot-link'}
          cx={x(axis.placeOf(trial.values[option]) ?? 0)}
          cy={y(trial.metrics[metric]!)}
          r="5"
          onClick={() => trial.runId !== undefined && navigate(`/run/${trial.runId}`)}
        >
          <title>{`trial ${trial.id}: ${textOf(view, metric, trial.metrics[metric])}`}</title>
        </circle>
      ))}
    </svg>
  );
}

function meansOf(trials: readonly TrialView[], metric: string, option: string) {
  const byValue = new Map<string, number[]>();
  for (const { values, metrics } of trials) {
    const value = values[option];
    if (value === undefined) continue;
    byValue.set(value, [...(byValue.get(value) ?? []), metrics[metric]!]);
  }
  return [...byValue].map(([value, all]) => ({
    value,
    mean: all.reduce((sum, one) => sum + one, 0) / all.length,
  }));
}

/** Parallel coordinates: a line a trial, through its options to its result. */
import { useState } from 'preact/hooks';

import type { SweepView, TrialView } from '../../../api/sweep.ts';
import { Card } from '../../components/card.tsx';
import { labelOf, modeOf, rangeOf, textOf } from './metric-text.ts';
import { optionAxis } from './option-axis.ts';

const [WIDTH, HEIGHT] = [460, 250];
const [TOP, BOTTOM, SIDE] = [30, 16, 34];
const MAX_AXES = 7;

export function Parallel({ view, metric }: { readonly view: SweepView; readonly metric: string }) {
  const [chosen, setChosen] = useState<TrialView>();
  const trials = view.trials.filter((trial) => Number.isFinite(trial.metrics[metric]));
  const range = rangeOf(trials.map((trial) => trial.metrics[metric]!));
  const varied = view.options.filter(
    (name) => new Set(view.trials.map(({ values }) => values[name])).size > 1,
  );
  if (range === undefined || varied.length === 0) return null;
  const axes = varied.slice(0, MAX_AXES).map((name) => ({
    name,
    ...optionAxis(view.trials.map(({ values }) => values[name])),
  }));
  const [low, high] = range;
  const x = (axis: number) => SIDE + (axis / axes.length) * (WIDTH - 2 * SIDE);
  const y = (place: number) => TOP + (1 - place) * (HEIGHT - TOP - BOTTOM);
  const shareOf = (trial: TrialView) => (trial.metrics[metric]! - low) / (high - low);
  const goodness = (trial: TrialView) =>
    modeOf(view, metric) === 'max' ? shareOf(trial) : 1 - shareOf(trial);
  const pathOf = (trial: TrialView) =>
    [...axes.map(({ name, placeOf }) => placeOf(trial.values[name])), shareOf(trial)]
      .flatMap((place, i) => (place === undefined ? [] : [`${x(i)} ${y(place)}`]))
      .join('L');
  return (
    <Card title="Options and result together">
      <svg
        class="plot"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`${trials.length} trials as lines through ${varied.join(', ')} and ${labelOf(metric)}; the table of trials has the numbers`}
        onPointerLeave={() => setChosen(undefined)}
      >
        {[...axes.map(({ name }) => name), labelOf(metric)].map((name, i) => (
          <g key={name}>
            <path class="plot-axis" d={`M${x(i)} ${TOP}V${HEIGHT - BOTTOM}`} />
            <text class={`plot-name ${anchorOf(i, axes.length)}`} x={x(i)} y={TOP - 12}>
              {shortName(name)}
            </text>
          </g>
        ))}
        {[...trials]
          .sort((a, b) => goodness(a) - goodness(b))
          .map((trial) => (
            <path
              key={trial.id}
              class={`parallel ${trial === chosen ? 'is-chosen' : ''}`}
              d={`M${pathOf(trial)}`}
              style={{ '--good': `${Math.round(100 * goodness(trial))}%` }}
              onPointerEnter={() => setChosen(trial)}
            />
          ))}
        {axes.map(({ name, ticks }, i) =>
          ticks.slice(0, 8).map(({ text, place }) => (
            <text key={`${name} ${text}`} class="plot-tick" x={x(i) + 5} y={y(place)}>
              {text.length > 12 ? `${text.slice(0, 11)}…` : text}
            </text>
          )),
        )}
        {[low, high].map((value, i) => (
          <text key={i} class="plot-tick plot-end" x={x(axes.length) - 5} y={y(i)}>
            {textOf(view, metric, value)}
          </text>
        ))}
      </svg>
      <p class="dim parallel-note">
        {chosen === undefined
          ? 'The stronger a line, the better its result.'
          : `Trial ${chosen.id}: ${textOf(view, metric, chosen.metrics[metric])}, ${Object.entries(
              chosen.values,
            )
              .map(([name, value]) => `${shortName(name)} ${value}`)
              .join(', ')}`}
      </p>
    </Card>
  );
}

const shortName = (name: string) => name.split('.').at(-1)!;
const anchorOf = (index: number, last: number) =>
  index === 0 ? 'plot-begin' : index === last ? 'plot-end' : '';

/** A row an arm: its options, the mean of a metric with its interval, and links to its trials. */
import type { ArmView, SweepView } from '../../../api/sweep.ts';
import { intervalText, modeOf, rangeOf } from './metric-text.ts';

const SEED = 'seed';

export function Arms({ view, metric }: { readonly view: SweepView; readonly metric: string }) {
  const { arms, trials } = view;
  const mode = modeOf(view, metric);
  const options = view.options.filter((option) => option !== SEED);
  const runs = new Map(trials.map((trial) => [trial.id, trial.runId]));
  const range = rangeOf(
    arms.flatMap(({ metrics }) => {
      const interval = metrics[metric];
      if (interval === undefined) return [];
      const half = interval.halfWidth ?? 0;
      return [interval.mean - half, interval.mean + half];
    }),
  );
  const sign = mode === 'max' ? -1 : 1;
  // As core sorts them, by the metric that is shown; those without a result come last.
  const rank = ({ metrics }: ArmView) => sign * (metrics[metric]?.mean ?? -sign * Infinity);
  const sorted = metric === view.metric ? arms : arms.toSorted((a, b) => rank(a) - rank(b));
  return (
    <>
      <div class="table-scroll" tabIndex={0} role="region" aria-label="Arms">
        <table class="table arms">
          <thead>
            <tr>
              {options.map((option) => (
                <th key={option} scope="col" class="mono">
                  {option}
                </th>
              ))}
              <th scope="col" class="is-number">
                mean ± 95 %
              </th>
              <th scope="col" class="is-wide interval-head">
                <span class="visually-hidden">interval</span>
              </th>
              <th scope="col" class="is-number">
                n
              </th>
              <th scope="col" class="is-number is-wide">
                minutes
              </th>
              <th scope="col">trials</th>
            </tr>
          </thead>
          <tbody>
            {sorted.map((arm) => (
              <tr key={JSON.stringify(arm.values)}>
                {options.map((option) => (
                  <td key={option} class="mono">
                    {arm.values[option] ?? '–'}
                  </td>
                ))}
                <td class="is-number">{intervalText(view, metric, arm.metrics[metric])}</td>
                <td class="is-wide">
                  <IntervalBar arm={arm} metric={metric} range={range} />
                </td>
                <td class="is-number">
                  {arm.done === arm.trials.length ? arm.done : `${arm.done}/${arm.trials.length}`}
                </td>
                <td class="is-number is-wide">{arm.done === 0 ? '–' : arm.minutes.toFixed(1)}</td>
                <td>
                  {arm.trials.map((trial) => {
                    const run = runs.get(trial);
                    return run === undefined ? (
                      <span key={trial} class="dim">
                        {trial}{' '}
                      </span>
                    ) : (
                      <a key={trial} href={`#/run/${run}`}>
                        {trial}{' '}
                      </a>
                    );
                  })}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="dim arms-note">
        ± is half the width of the 95 % t-interval of the mean. The trials of an arm differ only in
        their seeds; an arm with one trial has no interval.
      </p>
    </>
  );
}

const [WIDTH, HEIGHT] = [160, 16];

function IntervalBar({
  arm,
  metric,
  range,
}: {
  readonly arm: ArmView;
  readonly metric: string;
  readonly range: readonly [number, number] | undefined;
}) {
  const interval = arm.metrics[metric];
  if (interval === undefined || range === undefined || !Number.isFinite(interval.mean)) return null;
  const [low, high] = range;
  const x = (value: number) => ((value - low) / (high - low)) * WIDTH;
  const { mean, halfWidth } = interval;
  return (
    <svg class="interval" width={WIDTH} height={HEIGHT} aria-hidden="true">
      <path class="interval-axis" d={`M0 ${HEIGHT / 2}H${WIDTH}`} />
      {halfWidth !== null && (
        <path
          class="interval-line"
          d={`M${x(mean - halfWidth)} ${HEIGHT / 2}H${x(mean + halfWidth)}M${x(mean - halfWidth)} 4v8M${x(mean + halfWidth)} 4v8`}
        />
      )}
      <circle cx={x(mean)} cy={HEIGHT / 2} r="4" />
    </svg>
  );
}

/** The metrics of a run as live curves. */
import { useEffect, useMemo, useState } from 'preact/hooks';

import type { LiveMessage } from '../../../api/live.ts';
import type { RunView, SeriesView } from '../../../api/run.ts';
import { fetchSeries } from '../../client/api.ts';
import { useLive } from '../../client/live.ts';
import { useResource } from '../../client/resource.ts';
import { Card } from '../../components/card.tsx';
import { CurveTools } from '../../components/curve-tools.tsx';
import { ProblemNote } from '../../components/empty-state.tsx';
import { MetricChart } from '../../components/metric-chart.tsx';
import { appendSteps } from './append-steps.ts';
import { panelsOf } from './panels.ts';

type Range = readonly [number, number];

const SMOOTHING = [0, 0.6, 0.9, 0.97] as const;
/** Points of a curve: more than a chart has pixels would not be seen. */
const POINTS = 600;

export function Curves({ view }: { readonly view: RunView }) {
  const { id } = view.head;
  const [smoothing, setSmoothing] = useState(0.9);
  const [isLog, setLog] = useState(false);
  const [zoom, setZoom] = useState<Range>();
  const key = `${id} ${smoothing} ${zoom?.join()} ${view.trainings.map(({ set }) => set).join()}`;
  const { data, problem, reload, update } = useResource(key, (signal) =>
    fetchAll(view, { smoothing, zoom }, signal),
  );
  useLive(`run/${id}`, (message) => {
    if (message.type === 'reload') reload();
    else if (needsAll(message, data)) reload();
    else update((series) => appendSteps(series, message, smoothing, zoom));
  });
  useEffect(() => {
    // Curves that grew by pieces are thinned again.
    if (data?.some(({ steps }) => steps.length > 2 * POINTS)) reload();
  }, [data]);
  const extent = extentOf(view);
  const panels = useMemo(() => panelsOf(view, data ?? [], zoom), [view.evaluations, data]);

  return (
    <Card
      title="Curves"
      actions={
        <CurveTools zoom={zoom} onZoom={setZoom} isLog={isLog} onLog={setLog}>
          <label class="choice">
            Smoothing
            <select
              class="field field-small"
              value={smoothing}
              onChange={(event) => setSmoothing(Number(event.currentTarget.value))}
            >
              {SMOOTHING.map((value) => (
                <option key={value} value={value}>
                  {value === 0 ? 'none' : value}
                </option>
              ))}
            </select>
          </label>
        </CurveTools>
      }
    >
      {problem !== undefined && <ProblemNote problem={problem} />}
      <div class="charts">
        {panels.map(({ metric, series }) => (
          <MetricChart
            key={metric}
            {...{ metric, series, isLog, zoom, extent }}
            described={view.metrics}
            onZoom={setZoom}
            group={id}
          />
        ))}
      </div>
    </Card>
  );
}

/** From the first step to the last one, for all charts alike. */
function extentOf({ head, evaluations }: RunView): Range {
  return [1, Math.max(2, head.step ?? 0, ...evaluations.map(({ step }) => step))];
}

async function fetchAll(
  { head, trainings }: RunView,
  { smoothing, zoom }: { readonly smoothing: number; readonly zoom: Range | undefined },
  signal: AbortSignal,
): Promise<SeriesView[]> {
  const range = zoom === undefined ? {} : { from: zoom[0], to: zoom[1] };
  const all = await Promise.all(
    trainings.map(({ set, metrics }) =>
      fetchSeries(
        head.id,
        { set, metrics: metrics.slice(0, 32), points: POINTS, smoothing, ...range },
        signal,
      ),
    ),
  );
  return all.flat();
}

/** A new training or metric, or steps that were done again. */
function needsAll(message: LiveMessage, data: readonly SeriesView[] | undefined): boolean {
  if (message.type !== 'run') return false;
  const known = new Set(data?.map(({ set, metric }) => `${set}/${metric}`));
  return (
    message.events.some((type) => type === 'training-started' || type === 'rolled-back') ||
    message.steps.some(({ set, metrics }) =>
      Object.keys(metrics).some((metric) => !known.has(`${set}/${metric}`)),
    )
  );
}

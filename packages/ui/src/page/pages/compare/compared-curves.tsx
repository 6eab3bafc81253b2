/** The curves of several runs over each other. */
import { useMemo, useState } from 'preact/hooks';

import type { ComparedRun } from '../../../api/compare.ts';
import type { RunView, SeriesView } from '../../../api/run.ts';
import { fetchRun, fetchSeries } from '../../client/api.ts';
import { useSlowReload } from '../../client/reload-slowly.ts';
import { useResource } from '../../client/resource.ts';
import { Card } from '../../components/card.tsx';
import { CurveTools } from '../../components/curve-tools.tsx';
import { ProblemNote } from '../../components/empty-state.tsx';
import { MetricChart } from '../../components/metric-chart.tsx';
import { comparedPanels, metricsToCompare, type RunCurves } from './compared-panels.ts';

const SMOOTHING = 0.9;
const POINTS = 400;
const LIVE_MS = 2000;
/** Charts that are shown at first. */
const FEW = 6;

export function ComparedCurves({ runs }: { readonly runs: readonly ComparedRun[] }) {
  const key = runs.map(({ id }) => id).join();
  const [zoom, setZoom] = useState<readonly [number, number]>();
  const [isLog, setLog] = useState(false);
  const [isWhole, setWhole] = useState(false);
  const { data, problem, reload } = useResource(`${key} ${zoom?.join()}`, (signal) =>
    Promise.all(runs.map(({ id }) => fetchCurves(id, zoom, signal))),
  );
  const ids = useMemo(() => new Set(runs.map(({ id }) => id)), [runs]);
  useSlowReload(
    (message) => message.type === 'rows' && message.rows.some(({ id }) => ids.has(id)),
    reload,
    LIVE_MS,
  );
  const panels = useMemo(() => comparedPanels(data ?? []), [data]);
  const shown = isWhole ? panels : panels.slice(0, FEW);
  const described = data?.[0]?.view.metrics ?? {};
  return (
    <Card
      title="Curves, those of training smoothed"
      actions={<CurveTools zoom={zoom} onZoom={setZoom} isLog={isLog} onLog={setLog} />}
    >
      {problem !== undefined && <ProblemNote problem={problem} />}
      <div class="charts">
        {shown.map(({ metric, set, series }) => (
          <MetricChart
            key={`${set}/${metric}`}
            {...{ metric, set, series, described, isLog, zoom }}
            onZoom={setZoom}
            group={key}
          />
        ))}
      </div>
      {panels.length > FEW && (
        <button type="button" class="button all-curves" onClick={() => setWhole(!isWhole)}>
          {isWhole ? 'Show fewer charts' : `Show all ${panels.length} charts`}
        </button>
      )}
    </Card>
  );
}

async function fetchCurves(
  id: string,
  zoom: readonly [number, number] | undefined,
  signal: AbortSignal,
): Promise<RunCurves> {
  const view: RunView = await fetchRun(id, signal);
  const range = zoom === undefined ? {} : { from: zoom[0], to: zoom[1] };
  const series = await Promise.all(
    view.trainings.map(({ set, metrics }): Promise<SeriesView[]> => {
      const wanted = metricsToCompare(metrics, view.metrics);
      const request = { set, metrics: wanted, points: POINTS, smoothing: SMOOTHING, ...range };
      return wanted.length === 0 ? Promise.resolve([]) : fetchSeries(id, request, signal);
    }),
  );
  return { view, series: series.flat() };
}

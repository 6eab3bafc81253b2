/** A sweep: its arms with intervals, what an option does to a metric, and its trials as they go on. */
import type { SweepView } from '../../api/sweep.ts';
import { get } from '../client/api.ts';
import { useSlowReload } from '../client/reload-slowly.ts';
import { useResource } from '../client/resource.ts';
import { Card } from '../components/card.tsx';
import { EmptyState, ProblemNote } from '../components/empty-state.tsx';
import { formatDate } from '../format.ts';
import { setQuery } from '../router.ts';
import type { PageDefinition, PageProps } from './page-definition.ts';
import { Arms } from './sweep/arms.tsx';
import { labelOf } from './sweep/metric-text.ts';
import { OptionPlot } from './sweep/option-plot.tsx';
import { Parallel } from './sweep/parallel.tsx';
import { Trials } from './sweep/trials.tsx';

export const SWEEP_PAGE: PageDefinition = {
  path: '/sweep/:id',
  title: 'Sweep',
  nav: 'sweep',
  Page: SweepPage,
};

const LIVE_MS = 700;

function SweepPage({ params, query }: PageProps) {
  const { id = '' } = params;
  const { data, problem, reload } = useResource(`sweep/${id}`, (signal) =>
    get<SweepView>(`/sweeps/${id}`, signal),
  );
  useSlowReload(
    (message) =>
      message.type === 'reload' ||
      (message.type === 'rows' && message.rows.some(({ sweep }) => sweep?.id === id)),
    reload,
    LIVE_MS,
  );
  if (data === undefined) return problem ? <ProblemNote problem={problem} /> : <h1>Sweep</h1>;
  document.title = `${data.name} · Eddy`;
  return <Sweep view={data} query={query} />;
}

function Sweep({ view, query }: { readonly view: SweepView; readonly query: URLSearchParams }) {
  const { name, startedAt, trials, metrics, options } = view;
  const count = (status: string) => trials.filter((trial) => trial.status === status).length;
  const parts = [
    `${count('done')} of ${trials.length} trials done`,
    count('running') > 0 ? `${count('running')} running` : '',
    count('failed') > 0 ? `${count('failed')} failed` : '',
  ];
  const wanted = query.get('metric');
  const metric = metrics.includes(wanted ?? '') ? wanted! : (view.metric ?? metrics[0]);
  return (
    <>
      <nav class="crumbs" aria-label="Where this is">
        <a href="#/runs">Runs</a> / <span class="mono">{view.folder.split('/').at(-1)}</span>
      </nav>
      <div class="page-head">
        <h1>{name}</h1>
        <span class="dim">
          sweep, {parts.filter(Boolean).join(', ')}, started {formatDate(startedAt)}
        </span>
        <span class="spread" />
        {metric !== undefined && (
          <label class="choice">
            Metric
            <select
              class="field"
              value={metric}
              onChange={(event) => setQuery({ metric: event.currentTarget.value })}
            >
              {metrics.map((key) => (
                <option key={key} value={key}>
                  {labelOf(key)}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      {metric === undefined ? (
        <EmptyState title="No trial has a result yet." />
      ) : (
        <>
          <Card title="Arms, the best first">
            <Arms view={view} metric={metric} />
          </Card>
          <div class="cards sweep-plots">
            <OptionPlot view={view} metric={metric} option={query.get('option')} />
            {options.length > 1 && <Parallel view={view} metric={metric} />}
          </div>
        </>
      )}
      <Card title="Trials">
        <Trials view={view} metric={metric} />
      </Card>
    </>
  );
}

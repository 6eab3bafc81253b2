/** 2 to 8 runs beside each other: why they differ before that they differ. */
import { describeMetric } from '@eddy/core/metrics';
import { useMemo } from 'preact/hooks';

import type { CompareView } from '../../api/compare.ts';
import { get } from '../client/api.ts';
import { useLive } from '../client/live.ts';
import { useResource } from '../client/resource.ts';
import { Card } from '../components/card.tsx';
import { EmptyState, ProblemNote } from '../components/empty-state.tsx';
import { StatusBadge } from '../components/status-badge.tsx';
import { formatCount } from '../format.ts';
import { setQuery } from '../router.ts';
import { ComparedCurves } from './compare/compared-curves.tsx';
import { Differences } from './compare/differences.tsx';
import { PuzzleGroups } from './compare/puzzle-groups.tsx';
import { letterOf, RunLetter } from './compare/run-letter.tsx';
import type { PageDefinition, PageProps } from './page-definition.ts';

export const COMPARE_PAGE: PageDefinition = {
  path: '/compare',
  title: 'Compare',
  nav: 'none',
  Page: ComparePage,
};

function ComparePage({ query }: PageProps) {
  const ids = [...new Set((query.get('ids') ?? '').split(',').filter(Boolean))];
  if (ids.length < 2 || ids.length > 8) {
    return (
      <EmptyState title="Choose 2 to 8 runs to compare.">
        <p>
          Select them in the <a href="#/runs">list of runs</a>.
        </p>
      </EmptyState>
    );
  }
  return <Compare key={ids.join()} ids={ids} />;
}

function Compare({ ids }: { readonly ids: readonly string[] }) {
  const { data, problem, reload } = useResource(ids.join(), (signal) =>
    get<CompareView>(`/compare?${ids.map((id) => `id=${id}`).join('&')}`, signal),
  );
  const known = useMemo(() => new Set(ids), [ids]);
  useLive('runs', (message) => {
    if (message.type === 'reload') reload();
    // A row changes with each step: only what has ended changes this page much.
    else if (message.type === 'rows') {
      const rows = message.rows.filter(({ id }) => known.has(id));
      const before = new Map(data?.runs.map(({ id, status }) => [id, status]));
      if (rows.some(({ id, status }) => before.get(id) !== status)) reload();
    }
  });
  if (data === undefined) return problem ? <ProblemNote problem={problem} /> : <h1>Compare</h1>;
  return (
    <>
      <div class="page-head">
        <h1>Compare {data.runs.length} runs</h1>
      </div>
      <Runs view={data} ids={ids} />
      <Differences view={data} />
      <Divergences view={data} />
      <ComparedCurves runs={data.runs} />
      <PuzzleGroups view={data} />
    </>
  );
}

function Runs({ view, ids }: { readonly view: CompareView; readonly ids: readonly string[] }) {
  return (
    <ul class="compare-runs">
      {view.runs.map(({ id, folder, status, headline }, i) => (
        <li key={id}>
          <RunLetter index={i} />
          <div>
            <a href={`#/run/${id}`} class="mono">
              {folder.split('/').slice(-3).join('/')}
            </a>{' '}
            <StatusBadge status={status} />
            <p class="dim">{headline ?? 'No evaluation yet.'}</p>
          </div>
          {view.runs.length > 2 && (
            <button
              type="button"
              class="button button-quiet button-small"
              aria-label={`Leave out run ${letterOf(i)}`}
              title="Leave out"
              onClick={() => setQuery({ ids: ids.filter((other) => other !== id).join(',') })}
            >
              ✕
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

function Divergences({ view }: { readonly view: CompareView }) {
  return (
    <Card title="First step that differs">
      <ul class="divergences">
        {view.divergences.map(({ id, step, metrics, commonSteps }) => {
          const index = view.runs.findIndex((run) => run.id === id);
          return (
            <li key={id}>
              <RunLetter index={0} /> <RunLetter index={index} />
              <span>
                {step !== undefined ? (
                  <>
                    first differ at step <b>{formatCount(step)}</b>, in{' '}
                    {metrics
                      .slice(0, 4)
                      .map((metric) => describeMetric(metric).label)
                      .join(', ')}
                    {metrics.length > 4 && ` and ${metrics.length - 4} more`}
                    {commonSteps > 1 &&
                      `; the ${formatCount(commonSteps - 1)} steps before are equal`}
                  </>
                ) : commonSteps > 0 ? (
                  `are equal to the last bit in all ${formatCount(commonSteps)} steps that both have`
                ) : (
                  'have no training step in common'
                )}
              </span>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}

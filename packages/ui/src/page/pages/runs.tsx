/** All runs: what runs, how well, and in what they differ. */
import { useMemo } from 'preact/hooks';

import type { LiveMessage } from '../../api/live.ts';
import type { RunRow, RunsView } from '../../api/runs.ts';
import { announce } from '../announce.ts';
import { fetchRuns } from '../client/api.ts';
import { useLive } from '../client/live.ts';
import { useResource } from '../client/resource.ts';
import { EmptyState, ProblemNote } from '../components/empty-state.tsx';
import { sortRows, Table } from '../components/table.tsx';
import { formatAgo } from '../format.ts';
import { navigate, route, setQuery } from '../router.ts';
import type { PageDefinition } from './page-definition.ts';
import { runColumns } from './runs/run-columns.tsx';
import { filterRuns, STATUSES, type RunsFilter } from './runs/filter-runs.ts';
import { selection, toggle } from './runs/selection.ts';

const MAX_SWEEPS = 12;

export const RUNS_PAGE: PageDefinition = {
  path: '/runs',
  title: 'Runs',
  nav: 'main',
  Page: RunsPage,
};

function RunsPage() {
  const { data, problem, reload, update } = useResource('runs', fetchRuns);
  useLive('runs', (message) => {
    if (message.type === 'reload') reload();
    else update((view) => withRows(view, message));
  });
  if (data === undefined) return problem ? <ProblemNote problem={problem} /> : <h1>Runs</h1>;
  return <Runs view={data} />;
}

function Runs({ view }: { readonly view: RunsView }) {
  const { query } = route.value;
  const filter: RunsFilter = { text: query.get('q') ?? '', status: query.get('status') ?? '' };
  const [key = 'started', order = 'down'] = (query.get('sort') ?? '').split(':');
  const sorting = { key: key === '' ? 'started' : key, descending: order !== 'up' };
  const columns = useMemo(() => runColumns(view), [view.columns]);
  const matching = filterRuns(view.rows, filter);
  const rows = sortRows(matching, columns, sorting);
  const counts = STATUSES.map((status) => ({
    status,
    count: view.rows.filter((row) => row.status === status).length,
  })).filter(({ count }) => count > 0);
  const chosen = selection.value;
  const canCompare = chosen.size >= 2 && chosen.size <= 8;

  return (
    <>
      <div class="page-head">
        <h1>Runs</h1>
        <span class="dim">
          {matching.length === view.rows.length
            ? `${view.rows.length}`
            : `${matching.length} of ${view.rows.length}`}
        </span>
        <span class="spread" />
        <button
          type="button"
          class={canCompare ? 'button button-main' : 'button'}
          disabled={!canCompare}
          onClick={() => navigate(`/compare?ids=${[...chosen].join(',')}`)}
        >
          {chosen.size < 2 ? 'Select 2 to 8 to compare' : `Compare ${chosen.size}`}
        </button>
      </div>
      {view.unreadable.map((manifest) => (
        <p key={manifest} class="dim">
          A run is left out: <span class="mono">{manifest}</span> is missing or damaged.
        </p>
      ))}
      <Sweeps sweeps={view.sweeps} />
      <div class="runs-filter">
        <input
          type="search"
          class="field"
          aria-label="Filter runs by name, folder, option or value"
          placeholder="Filter: name, folder, option=value"
          value={filter.text}
          onInput={(event) => setQuery({ q: event.currentTarget.value })}
        />
        <div class="toggles" role="group" aria-label="Status">
          <button
            type="button"
            aria-pressed={filter.status === ''}
            onClick={() => setQuery({ status: '' })}
          >
            all
          </button>
          {counts.map(({ status, count }) => (
            <button
              key={status}
              type="button"
              aria-pressed={filter.status === status}
              onClick={() => setQuery({ status })}
            >
              {status} {count}
            </button>
          ))}
        </div>
      </div>
      {rows.length === 0 ? (
        <NoRuns isFiltered={view.rows.length > 0} />
      ) : (
        <Table
          label="Runs"
          columns={columns}
          rows={rows}
          keyOf={(row) => row.id}
          nameOf={(row) => row.folder}
          sorting={sorting}
          onSort={(next) => {
            setQuery({ sort: `${next.key}:${next.descending ? 'down' : 'up'}` });
            announce(`Sorted by ${next.key}.`);
          }}
          onOpen={(row) => navigate(`/run/${row.id}`)}
          selected={chosen}
          onSelect={(row) => toggle(row.id)}
        />
      )}
    </>
  );
}

/** The newest sweeps; their trials are in the list below like other runs. */
function Sweeps({ sweeps }: Pick<RunsView, 'sweeps'>) {
  if (sweeps.length === 0) return null;
  const newest = sweeps.toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
  return (
    <nav class="runs-sweeps" aria-label="Sweeps">
      <span class="dim">Sweeps</span>
      {newest.slice(0, MAX_SWEEPS).map(({ id, name, folder, trials, startedAt }) => (
        <a key={id} class="button button-small" href={`#/sweep/${id}`} title={folder}>
          {name}{' '}
          <span class="dim">
            {trials} trials, {formatAgo(startedAt)}
          </span>
        </a>
      ))}
    </nav>
  );
}

function NoRuns({ isFiltered }: { readonly isFiltered: boolean }) {
  if (isFiltered) {
    return (
      <EmptyState title="No run fits the filter.">
        <button type="button" class="button" onClick={() => setQuery({ q: '', status: '' })}>
          Show all
        </button>
      </EmptyState>
    );
  }
  return (
    <EmptyState title="There are no runs yet.">
      <p>
        <code>pipeline run sudoku-4x4</code> makes one; it appears here by itself.
      </p>
    </EmptyState>
  );
}

function withRows(view: RunsView, message: LiveMessage): RunsView {
  if (message.type !== 'rows') return view;
  const changed = new Map<string, RunRow>(message.rows.map((row) => [row.id, row]));
  return { ...view, rows: view.rows.map((row) => changed.get(row.id) ?? row) };
}

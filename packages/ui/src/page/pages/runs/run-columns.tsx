/** The columns of the list of runs. */
import type { RowMetric, RunRow, RunsView } from '../../../api/runs.ts';
import { Sparkline } from '../../components/sparkline.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import type { TableColumn } from '../../components/table.tsx';
import { formatAgo, formatCount, formatDate, formatDuration, formatValue } from '../../format.ts';

/** Columns of options that are shown beside the fixed ones. */
const MAX_OPTIONS = 6;

export function runColumns({ columns }: Pick<RunsView, 'columns'>): TableColumn<RunRow>[] {
  return [
    {
      key: 'name',
      title: 'Run',
      sortBy: ({ folder }) => folder,
      cell: (row) => <RunName row={row} />,
    },
    {
      key: 'status',
      title: 'Status',
      sortBy: ({ status }) => status,
      cell: ({ status, error }) => (
        <span title={error?.message}>
          <StatusBadge status={status} />
          {error !== undefined && <span class="dim runs-code"> {error.code}</span>}
        </span>
      ),
    },
    {
      key: 'metric',
      title: 'Result',
      isNumber: true,
      hint: 'The result of the checkpoint that represents the run, on data that did not choose it if there is such data',
      sortBy: ({ metric }) => metric?.value,
      cell: ({ metric }) => metric !== undefined && <Result metric={metric} />,
    },
    {
      key: 'best',
      title: 'Best evaluation',
      isNumber: true,
      isWide: true,
      hint: 'Another checkpoint did better on the same data. The figure is optimistic, because these data chose it',
      sortBy: ({ metric }) => metric?.best,
      cell: ({ metric }) =>
        metric?.best !== undefined &&
        metric.bestStep !== metric.step && (
          <span
            class="dim"
            title={`step ${metric.bestStep}, the best of ${metric.evaluations} evaluations`}
          >
            {formatValue(metric.best, metric)}
          </span>
        ),
    },
    {
      key: 'progress',
      title: 'Progress',
      isWide: true,
      sortBy: ({ step }) => step,
      cell: (row) => <Progress row={row} />,
    },
    {
      key: 'loss',
      title: 'Training loss',
      isWide: true,
      cell: ({ sparkline }) => <Sparkline values={sparkline} />,
    },
    ...columns.slice(0, MAX_OPTIONS).map((path) => optionColumn(path, columns)),
    {
      key: 'elapsed',
      title: 'Took',
      isNumber: true,
      isWide: true,
      sortBy: ({ elapsedMs }) => elapsedMs,
      cell: ({ elapsedMs }) => (elapsedMs > 0 ? formatDuration(elapsedMs) : ''),
    },
    {
      key: 'started',
      title: 'Started',
      isNumber: true,
      isWide: true,
      sortBy: ({ startedAt }) => startedAt,
      cell: ({ startedAt }) => (
        <time dateTime={startedAt} title={formatDate(startedAt)}>
          {formatAgo(startedAt)}
        </time>
      ),
    },
  ];
}

function optionColumn(path: string, all: readonly string[]): TableColumn<RunRow> {
  const isNumber = (value: string) => value.trim() !== '' && Number.isFinite(Number(value));
  return {
    key: path,
    title: shortName(path, all),
    hint: path,
    isWide: true,
    sortBy: ({ values }) => {
      const value = values[path];
      return value !== undefined && isNumber(value) ? Number(value) : value;
    },
    cell: ({ values }) => <span class="mono">{values[path] ?? ''}</span>,
  };
}

/** The last part of a path, `learningRate`, and as many before it as tell it from the others. */
function shortName(path: string, all: readonly string[]): string {
  const parts = path.split('.');
  for (let count = 1; count < parts.length; count++) {
    const name = parts.slice(-count).join('.');
    if (all.every((other) => other === path || !`.${other}`.endsWith(`.${name}`))) return name;
  }
  return path;
}

function RunName({ row: { id, folder, name, sweep } }: { readonly row: RunRow }) {
  const place = folder.split('/').at(-1)!;
  return (
    <a class="runs-name" href={`#/run/${id}`} title={folder} tabIndex={-1}>
      {sweep === undefined ? place : `${sweep.name} · ${sweep.trial}`}
      {sweep === undefined && !place.startsWith(name) && <span class="dim"> {name}</span>}
    </a>
  );
}

function Result({ metric }: { readonly metric: RowMetric }) {
  return (
    <span title={metric.text}>
      <b>{formatValue(metric.value, metric)}</b>
      <span class="dim runs-metric">
        {metric.label}
        {metric.split === 'test' ? '' : `, ${metric.split}`}
      </span>
    </span>
  );
}

function Progress({ row: { step, totalSteps, timeLeftMs, status } }: { readonly row: RunRow }) {
  if (step === undefined || totalSteps === undefined) return null;
  const isOver = status === 'done';
  return (
    <div class="runs-progress">
      <span>
        {formatCount(step)}
        {isOver ? '' : <span class="dim"> / {formatCount(totalSteps)}</span>}
        {timeLeftMs !== undefined && <span class="dim">, {formatDuration(timeLeftMs)} left</span>}
      </span>
      {!isOver && (
        <span class="meter" aria-hidden="true">
          <i style={{ width: `${Math.min(100, (100 * step) / totalSteps)}%` }} />
        </span>
      )}
    </div>
  );
}

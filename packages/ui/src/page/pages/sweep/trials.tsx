/** The trials of a sweep as they go on. */
import { useState } from 'preact/hooks';

import type { SweepView, TrialView } from '../../../api/sweep.ts';
import { StatusBadge } from '../../components/status-badge.tsx';
import { sortRows, Table, type Sorting, type TableColumn } from '../../components/table.tsx';
import { navigate } from '../../router.ts';
import { labelOf, textOf } from './metric-text.ts';

interface TrialsProps {
  readonly view: SweepView;
  readonly metric: string | undefined;
}

export function Trials({ view, metric }: TrialsProps) {
  const [sorting, setSorting] = useState<Sorting>({ key: 'id', descending: false });
  const columns = columnsOf(view, metric);
  return (
    <Table
      label="Trials"
      columns={columns}
      rows={sortRows(view.trials, columns, sorting)}
      keyOf={({ id }) => id}
      sorting={sorting}
      onSort={setSorting}
      onOpen={({ runId }) => runId !== undefined && navigate(`/run/${runId}`)}
    />
  );
}

function columnsOf(view: SweepView, metric: string | undefined): TableColumn<TrialView>[] {
  return [
    {
      key: 'id',
      title: 'trial',
      cell: ({ id, runId }) => (runId === undefined ? id : <a href={`#/run/${runId}`}>{id}</a>),
      sortBy: ({ id }) => Number(id),
    },
    {
      key: 'status',
      title: 'status',
      cell: (trial) => <Status trial={trial} />,
      sortBy: ({ status }) => status,
    },
    ...view.options.map((option): TableColumn<TrialView> => ({
      key: option,
      title: option,
      cell: ({ values }) => <span class="mono">{values[option] ?? '–'}</span>,
      sortBy: ({ values }) => sortKey(values[option]),
      isWide: true,
    })),
    ...(metric === undefined
      ? []
      : [
          {
            key: 'metric',
            title: labelOf(metric),
            cell: ({ metrics }: TrialView) => textOf(view, metric, metrics[metric]),
            sortBy: ({ metrics }: TrialView) => metrics[metric],
            isNumber: true,
          },
        ]),
    {
      key: 'minutes',
      title: 'minutes',
      cell: ({ minutes }) => minutes?.toFixed(1) ?? '–',
      sortBy: ({ minutes }) => minutes,
      isNumber: true,
    },
  ];
}

function Status({ trial: { status, step, totalSteps, reason } }: { readonly trial: TrialView }) {
  if (status === 'waiting') return <span class="dim">waiting</span>;
  const share =
    status === 'running' && step !== undefined && totalSteps !== undefined
      ? `${Math.round((100 * step) / totalSteps)} %`
      : undefined;
  return (
    <span title={reason}>
      <StatusBadge status={status} /> {share}
    </span>
  );
}

/** Numbers sort as numbers. */
function sortKey(value: string | undefined): number | string | undefined {
  if (value === undefined || value === '') return undefined;
  const number = Number(value);
  return Number.isNaN(number) ? value : number;
}

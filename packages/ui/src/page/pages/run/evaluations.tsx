/** Every evaluation of a run: one row each, the judged one marked. */
import { describeMetric } from '@eddy/core/metrics';

import type { EvaluationView, RunView } from '../../../api/run.ts';
import { Card } from '../../components/card.tsx';
import { Table, type TableColumn } from '../../components/table.tsx';
import { formatCount, formatDuration, formatValue } from '../../format.ts';

/** More columns than that are in the evaluation's metrics.json. */
const MAX_METRICS = 8;

export function Evaluations({ view }: { readonly view: RunView }) {
  const { evaluations, metrics, headline } = view;
  if (evaluations.length === 0) return null;
  const names = [...new Set(evaluations.flatMap((one) => Object.keys(one.metrics)))]
    .filter((name) => describeMetric(name, metrics).isPart !== true)
    .slice(0, MAX_METRICS);
  const isJudged = ({ step, split, label }: EvaluationView) =>
    step === headline?.step && split === headline.result?.split && label === headline.label;
  const columns: TableColumn<EvaluationView>[] = [
    {
      key: 'step',
      title: 'Step',
      isNumber: true,
      cell: (row) => (
        <>
          {isJudged(row) && (
            <span class="judged" title={headline?.text}>
              judged
            </span>
          )}
          {formatCount(row.step)}
        </>
      ),
    },
    { key: 'set', title: 'Data', cell: ({ set }) => set },
    ...names.map((name): TableColumn<EvaluationView> => {
      const { label, explanation, scale } = describeMetric(name, metrics);
      return {
        key: name,
        title: label,
        hint: `${name}: ${explanation}`,
        isNumber: true,
        cell: (row) => {
          const value = row.metrics[name];
          if (value === undefined) return '';
          return formatValue(value, { isShare: scale === 'share' });
        },
      };
    }),
    {
      key: 'examples',
      title: 'Puzzles',
      isNumber: true,
      isWide: true,
      cell: ({ examples }) => formatCount(examples),
    },
    {
      key: 'took',
      title: 'Took',
      isNumber: true,
      isWide: true,
      cell: ({ durationMs }) => formatDuration(durationMs),
    },
  ];
  return (
    <Card title="Evaluations" class="card-wide">
      <Table
        label="Evaluations"
        columns={columns}
        rows={evaluations.toReversed()}
        keyOf={({ set, step }) => `${set}/${step}`}
      />
    </Card>
  );
}

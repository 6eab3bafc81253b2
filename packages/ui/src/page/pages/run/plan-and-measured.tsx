/** What the plan expected beside what was measured. */
import type { RunView } from '../../../api/run.ts';
import { Card } from '../../components/card.tsx';
import { formatBytes, formatCount, formatDuration } from '../../format.ts';

type Row = readonly [name: string, planned: string, measured: string];

export function PlanAndMeasured({ view }: { readonly view: RunView }) {
  if (view.plans.length === 0) return null;
  return (
    <Card title="Plan and measurement">
      {view.plans.map(({ training, plan }) => (
        <div
          key={training}
          class="table-scroll"
          tabIndex={0}
          role="region"
          aria-label="Plan and measurement"
        >
          <table class="table" aria-label={`Plan ${training}`}>
            <thead>
              <tr>
                <th scope="col">{training}</th>
                <th scope="col" class="is-number">
                  planned
                </th>
                <th scope="col" class="is-number">
                  measured
                </th>
              </tr>
            </thead>
            <tbody>
              {rowsOf(view, plan).map(([name, planned, measured]) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td class="is-number">{planned}</td>
                  <td class="is-number">{measured}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ))}
      <p class="plan-facts dim">{factsOf(view)}</p>
    </Card>
  );
}

function rowsOf({ head, checkpoints, evaluations }: RunView, plan: Plan): Row[] {
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const saves = checkpoints.map(({ durationMs }) => durationMs);
  const looks = evaluations.map(({ durationMs }) => durationMs);
  const perLook = plan.evaluations && plan.evaluations.durationMs / plan.evaluations.count;
  const size = checkpoints.at(-1)?.bytes;
  const steps: Row = [
    'Steps',
    formatCount(plan.totalSteps),
    head.step === undefined ? '' : formatCount(head.step),
  ];
  const rows: (Row | false)[] = [
    steps,
    ['Time per step', timeOf(plan.stepMs), timeOf(head.stepMs)],
    ['Whole training', timeOf(plan.totalMs), timeOf(head.elapsedMs)],
    ['Memory', formatBytes(plan.memoryBytes), ''],
    looks.length > 0 && ['An evaluation', timeOf(perLook), timeOf(mean(looks))],
    saves.length > 0 && ['A checkpoint', '', `${timeOf(mean(saves))}, ${formatBytes(size!)}`],
  ];
  return rows.filter((row) => row !== false);
}

type Plan = RunView['plans'][number]['plan'];

function timeOf(ms: number | undefined): string {
  return ms === undefined ? '' : formatDuration(ms);
}

function factsOf({ plans, compileMs }: RunView): string {
  const plan = plans.at(-1)!.plan;
  const parts = [
    `${formatCount(plan.parameters)} parameters`,
    `batches of ${plan.globalBatchSize}${plan.microBatchSize < plan.globalBatchSize ? ` in micro-batches of ${plan.microBatchSize}` : ''}`,
    plan.recompute === true ? 'activations recomputed' : '',
    plan.precision,
    plan.engine,
    compileMs === undefined ? '' : `compiled in ${formatDuration(compileMs)}`,
    plan.dataset,
  ];
  return parts.filter(Boolean).join(' · ');
}

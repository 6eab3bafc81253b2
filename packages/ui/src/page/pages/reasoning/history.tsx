/** The same puzzle at each evaluation: a row an evaluation, a picture a supervision step. */
import type { EvaluationTrace, TracedExample } from '@eddy/core/report';
import { gridStyle, GridThumbnail, playerArea, signed, stepViews } from '@eddy/web/components';

import type { HistoryView } from '../../../api/reasoning.ts';
import { get } from '../../client/api.ts';
import { useResource } from '../../client/resource.ts';
import { Card } from '../../components/card.tsx';
import { formatCount } from '../../format.ts';
import { playerSteps } from './traced-puzzle.ts';

interface HistoryProps {
  readonly id: string;
  readonly set: string;
  readonly trace: EvaluationTrace;
  readonly example: TracedExample;
  /** Step of the evaluation that is shown above; a later one fetches anew. */
  readonly step: number;
}

export function History({ id, set, trace, example, step }: HistoryProps) {
  const { index } = example;
  const { data } = useResource(`${id}/${set}/${index}/${step}`, (signal) =>
    get<HistoryView>(
      `/runs/${id}/reasoning/history?${new URLSearchParams({ set, index: String(index) })}`,
      signal,
    ),
  );
  if (data === undefined || data.points.length < 2) return null;
  const { task, rows, cols, notScored } = trace;
  const style = trace.gridStyle ?? gridStyle(task, rows, cols);
  const steps = Math.max(...data.points.map((point) => point.example.steps.length));
  return (
    <Card title="The same puzzle while the model learned">
      <p class="dim">
        A row for each evaluation that kept this puzzle, a picture for each supervision step.
        {data.total > data.points.length && ` ${data.points.length} of ${data.total} are shown.`}
      </p>
      <div class="history-scroll" tabIndex={0} role="region" aria-label="Answers by evaluation">
        <table class="history">
          <thead>
            <tr>
              <th scope="col">evaluated at</th>
              {Array.from({ length: steps }, (_, i) => (
                <th key={i} scope="col">
                  step {i + 1}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {data.points.map((point) => {
              const own = playerSteps(point.example);
              const { label, input } = point.example;
              const views = stepViews(own, {
                solution: label,
                notScored: notScored ?? undefined,
                gridStyle: style,
              });
              const area = playerArea(own, label, { gridStyle: style, rows, cols });
              return (
                <tr key={point.step} class={point.step === step ? 'is-chosen' : ''}>
                  <th scope="row">
                    {formatCount(point.step)}
                    <span class={point.example.solved ? 'good' : 'bad'}>
                      {point.example.solved ? 'solved' : 'failed'}
                    </span>
                  </th>
                  {views.map((view, i) => {
                    const wrong = view.wrong?.size ?? 0;
                    const halt = view.halt === undefined ? '' : `, halt ${signed(view.halt)}`;
                    const text = `${wrong === 0 ? 'right' : `${wrong} wrong`}${halt}`;
                    return (
                      <td key={i}>
                        <GridThumbnail
                          gridStyle={style}
                          rows={rows}
                          cols={cols}
                          cells={view.cells}
                          puzzle={input}
                          wrong={view.wrong}
                          changed={view.changed}
                          area={area}
                        />
                        <span class="dim">{text}</span>
                      </td>
                    );
                  })}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </Card>
  );
}

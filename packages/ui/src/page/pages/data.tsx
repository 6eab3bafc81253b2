/** The data of a run: its examples, their answers and versions, and what the leakage guard found. */
import { gridStyle } from '@eddy/web/components';

import type { DatasetView, DataView, ExamplesView } from '../../api/data.ts';
import { get } from '../client/api.ts';
import { useLive } from '../client/live.ts';
import { useResource } from '../client/resource.ts';
import { Card, Fact } from '../components/card.tsx';
import { EmptyState, ProblemNote } from '../components/empty-state.tsx';
import { formatCount } from '../format.ts';
import { setQuery } from '../router.ts';
import { useRun } from '../run-context.ts';
import { ExampleCard } from './data/example-card.tsx';
import type { PageDefinition, PageProps } from './page-definition.ts';

export const DATA_PAGE: PageDefinition = {
  path: '/run/:id/data',
  title: 'Data',
  nav: 'run',
  Page: DataPage,
};

const PAGE = 12;

function DataPage({ query }: PageProps) {
  const { id } = useRun().head;
  const { data, problem, reload } = useResource(`${id}/data`, (signal) =>
    get<DataView>(`/runs/${id}/data`, signal),
  );
  useLive(`run/${id}`, (message) => {
    if (message.type === 'reload') reload();
    else if (message.type === 'run' && message.events.some(isOfData)) reload();
  });
  if (data === undefined) return problem ? <ProblemNote problem={problem} /> : null;
  const { datasets, leakage } = data;
  const dataset =
    datasets.find(({ stages }) => stages.includes(query.get('stage') ?? '')) ?? datasets.at(-1);
  if (dataset === undefined) {
    return (
      <EmptyState title="This run has no data yet.">
        <p>They appear here when its first stages are done.</p>
      </EmptyState>
    );
  }
  return (
    <>
      <Facts datasets={datasets} dataset={dataset} />
      {leakage.length > 0 && (
        <Card title="What the leakage guard found">
          <ul class="leakage">
            {leakage.map(({ text, report }) => (
              <li key={text}>
                <span class={report.leakedExamples === 0 ? 'good' : 'warn'} aria-hidden="true">
                  {report.leakedExamples === 0 ? '✓' : '!'}
                </span>{' '}
                {text}
              </li>
            ))}
          </ul>
        </Card>
      )}
      {dataset.problem === undefined ? (
        <Browser id={id} dataset={dataset} query={query} />
      ) : (
        <p class="note note-warning">The examples cannot be shown: {dataset.problem}.</p>
      )}
    </>
  );
}

const isOfData = (type: string) => type.startsWith('stage-') || type === 'leakage-checked';

function Facts({
  datasets,
  dataset,
}: {
  readonly datasets: readonly DatasetView[];
  readonly dataset: DatasetView;
}) {
  const { stages, key, task, rows, cols, vocabSize, identifiers, splits } = dataset;
  return (
    <Card
      title={`Dataset of ${stages.join(' and ')}`}
      actions={
        datasets.length > 1 && (
          <label class="choice">
            Stage
            <select
              class="field"
              value={stages[0]}
              onChange={(event) => setQuery({ stage: event.currentTarget.value, from: '' })}
            >
              {datasets.map((one) => (
                <option key={one.key} value={one.stages[0]}>
                  {one.stages.join(', ')}
                </option>
              ))}
            </select>
          </label>
        )
      }
    >
      <dl class="facts">
        <Fact name="Task">{task === '' ? '–' : task}</Fact>
        <Fact name="Grid" note={`${vocabSize} tokens`}>
          {rows} × {cols}
        </Fact>
        {splits.map(({ name, examples, groups }) => (
          <Fact
            key={name}
            name={`Split ${name}`}
            note={groups === examples ? 'examples' : `examples in ${formatCount(groups)} groups`}
          >
            {formatCount(examples)}
          </Fact>
        ))}
        {identifiers > 1 && <Fact name="Identifiers">{formatCount(identifiers)}</Fact>}
        <Fact name="Content key">
          <span class="mono" title={key}>
            {key.slice(0, 12)}
          </span>
        </Fact>
      </dl>
    </Card>
  );
}

function Browser({
  id,
  dataset,
  query,
}: {
  readonly id: string;
  readonly dataset: DatasetView;
  readonly query: URLSearchParams;
}) {
  const [stage = ''] = dataset.stages;
  const names = dataset.splits.map(({ name }) => name);
  const wanted = query.get('split') ?? '';
  const split = names.includes(wanted) ? wanted : (names[0] ?? '');
  const total = dataset.splits.find(({ name }) => name === split)?.examples ?? 0;
  const asked = Math.floor(Number(query.get('from') ?? 0));
  const from = Math.min(Math.max(0, Number.isFinite(asked) ? asked : 0), Math.max(0, total - 1));
  const parameters = new URLSearchParams({ stage, split, from: `${from}`, count: `${PAGE}` });
  const { data, problem } = useResource(`${id}/${parameters}`, (signal) =>
    get<ExamplesView>(`/runs/${id}/data/examples?${parameters}`, signal),
  );
  const go = (next: number) => setQuery({ from: next <= 0 ? '' : String(next) });
  return (
    <Card title="Examples">
      <div class="data-tools">
        <div class="toggles" role="group" aria-label="Split">
          {names.map((name) => (
            <button
              key={name}
              type="button"
              aria-pressed={name === split}
              onClick={() => setQuery({ split: name, from: '' })}
            >
              {name}
            </button>
          ))}
        </div>
        <label class="choice">
          Go to example
          <input
            class="field data-index"
            type="number"
            min={0}
            max={Math.max(0, total - 1)}
            // A controlled value would take back what is being typed whenever the page is drawn again.
            key={from}
            defaultValue={from}
            onChange={(event) => go(Number(event.currentTarget.value))}
          />
        </label>
        <span class="dim">
          {total === 0
            ? 'no examples'
            : `${formatCount(from)} to ${formatCount(Math.min(total, from + PAGE) - 1)} of ${formatCount(total)}`}
        </span>
        <span class="spread" />
        <button
          type="button"
          class="button"
          disabled={from === 0}
          onClick={() => go(Math.max(0, from - PAGE))}
        >
          ← Before
        </button>
        <button
          type="button"
          class="button"
          disabled={from + PAGE >= total}
          onClick={() => go(from + PAGE)}
        >
          Next →
        </button>
      </div>
      {problem !== undefined && <ProblemNote problem={problem} />}
      {data !== undefined && (
        <ul class="examples">
          {data.examples.map((example) => (
            <ExampleCard
              key={`${split}/${example.index}`}
              id={id}
              split={split}
              example={example}
              gridStyle={data.gridStyle ?? gridStyle(data.task, data.rows, data.cols)}
              rows={data.rows}
              cols={data.cols}
              canVary={dataset.stages.length > 1}
            />
          ))}
        </ul>
      )}
    </Card>
  );
}

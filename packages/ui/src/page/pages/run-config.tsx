/** The configuration of a run with the origin of each value, and the environment that it ran in. */
import { useState } from 'preact/hooks';

import type { ConfigEntry, RunView } from '../../api/run.ts';
import { fetchConfig } from '../client/api.ts';
import { useResource } from '../client/resource.ts';
import { Card } from '../components/card.tsx';
import { Checkbox } from '../components/checkbox.tsx';
import { CopyButton } from '../components/copy-button.tsx';
import { ProblemNote } from '../components/empty-state.tsx';
import { Table, type TableColumn } from '../components/table.tsx';
import { useRun } from '../run-context.ts';
import type { PageDefinition } from './page-definition.ts';

export const RUN_CONFIG_PAGE: PageDefinition = {
  path: '/run/:id/config',
  title: 'Configuration',
  nav: 'run',
  Page: RunConfigPage,
};

const COLUMNS: readonly TableColumn<ConfigEntry>[] = [
  { key: 'path', title: 'Option', cell: ({ path }) => <code>{path}</code> },
  {
    key: 'value',
    title: 'Value',
    cell: ({ value }) => (
      <code class="config-value" title={value}>
        {value}
      </code>
    ),
  },
  {
    key: 'origin',
    title: 'Where it comes from',
    isWide: true,
    cell: ({ origin }) => <span class="dim">{origin ?? ''}</span>,
  },
];

function RunConfigPage() {
  const view = useRun();
  const { data, problem } = useResource(view.head.id, () => fetchConfig(view.head.id));
  const [text, setText] = useState('');
  const [isSetOnly, setSetOnly] = useState(false);
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const entries = (data?.entries ?? []).filter(({ path, value, origin = '' }) => {
    if (isSetOnly && (origin === '' || origin.startsWith('default'))) return false;
    const all = `${path} ${value} ${origin}`.toLowerCase();
    return words.every((word) => all.includes(word));
  });
  const hasOrigins = data?.entries.some(({ origin }) => origin !== undefined) ?? false;
  return (
    <>
      <Card
        title="Options"
        actions={data !== undefined && <CopyButton text={data.text} label="Copy as YAML" />}
      >
        {problem !== undefined && <ProblemNote problem={problem} />}
        <div class="runs-filter">
          <input
            type="search"
            class="field"
            aria-label="Filter options"
            placeholder="Filter options"
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
          {hasOrigins && (
            <Checkbox label="without defaults" checked={isSetOnly} onChange={setSetOnly} />
          )}
        </div>
        <Table label="Options" columns={COLUMNS} rows={entries} keyOf={({ path }) => path} />
      </Card>
      <Environment view={view} />
    </>
  );
}

function Environment({ view }: { readonly view: RunView }) {
  const { host, engine, versions, precision, plans, folder } = view;
  const facts: readonly (readonly [string, string])[] = [
    ['Folder', folder],
    ['Machine', host],
    ['Engine', plans.at(-1)?.plan.engine ?? engine?.name ?? 'not started'],
    ['Precision', plans.at(-1)?.plan.precision ?? precision ?? ''],
    ...(engine === undefined ? [] : [['Fingerprint', engine.fingerprint] as const]),
    ...Object.entries(versions),
  ];
  return (
    <Card title="Environment">
      <dl class="pairs">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd class="mono">{value}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}

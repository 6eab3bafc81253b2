/** What is around every page of a run: its name and status, the tabs, and its data, kept up to date. */
import type { ComponentChildren } from 'preact';

import { announce } from './announce.ts';
import { fetchRun } from './client/api.ts';
import { useLive } from './client/live.ts';
import { useResource } from './client/resource.ts';
import { ProblemNote } from './components/empty-state.tsx';
import { StatusBadge } from './components/status-badge.tsx';
import { Tabs } from './components/tabs.tsx';
import { formatDate } from './format.ts';
import { RunContext } from './run-context.ts';

interface RunFrameProps {
  readonly id: string;
  readonly tabs: readonly { readonly address: string; readonly title: string }[];
  readonly current: string;
  readonly children: ComponentChildren;
}

export function RunFrame({ id, tabs, current, children }: RunFrameProps) {
  const { data, problem, reload, update } = useResource(id, (signal) => fetchRun(id, signal));
  useLive(`run/${id}`, (message) => {
    if (message.type === 'reload') reload();
    if (message.type !== 'run') return;
    if (data !== undefined && message.head.status !== data.head.status) {
      announce(`The run is ${message.head.status}.`);
    }
    update((view) => ({ ...view, head: message.head }));
    // Stages, evaluations, messages …: rare, and small beside the curves.
    if (message.events.length > 0) reload();
  });
  if (data === undefined) {
    if (problem !== undefined) return <ProblemNote problem={problem} />;
    return <h1 class="run-waiting">Run</h1>;
  }
  const { head, name, folder, startedAt, sweep } = data;
  document.title = `${name} · Eddy`;
  return (
    <>
      <nav class="crumbs" aria-label="Where this is">
        <a href="#/runs">Runs</a>
        {sweep !== undefined && (
          <>
            {' / '}
            <a href={`#/sweep/${sweep.id}`}>{sweep.name}</a>
          </>
        )}
        {' / '}
        <span class="mono">{folder.split('/').at(-1)}</span>
      </nav>
      <div class="page-head run-head">
        <h1>{name}</h1>
        <StatusBadge status={head.status} />
        <span class="dim">started {formatDate(startedAt)}</span>
      </div>
      {tabs.length > 1 && <Tabs label="Pages of this run" tabs={tabs} current={current} />}
      <RunContext.Provider value={data}>{children}</RunContext.Provider>
    </>
  );
}

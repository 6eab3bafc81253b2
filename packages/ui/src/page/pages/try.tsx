/** Try: puzzles that a person enters, solved by the run's model in this browser. */
import type { AskedModel, SolverApp } from '@eddy/web/solver';
import { useEffect } from 'preact/hooks';

import { request } from '../client/api.ts';
import { useResource } from '../client/resource.ts';
import { ProblemNote } from '../components/empty-state.tsx';
import { useRun } from '../run-context.ts';
import type { PageDefinition } from './page-definition.ts';

export const TRY_PAGE: PageDefinition = {
  path: '/run/:id/try',
  title: 'Try',
  nav: 'run',
  Page: TryPage,
};

interface Loaded {
  readonly Solver: typeof SolverApp;
  readonly model: Promise<AskedModel>;
  readonly about: AskedModel['model']['header']['about'];
}

function TryPage() {
  const { head } = useRun();
  const { data, problem } = useResource(`${head.id}/try`, (signal) => load(head.id, signal));
  useEffect(
    () => () => {
      data?.model.then(
        (model) => model.close(),
        () => undefined,
      );
    },
    [data],
  );
  if (problem !== undefined) return <ProblemNote problem={problem} />;
  if (data === undefined) {
    return (
      <p class="dim" role="status">
        The model of the newest checkpoint is prepared for this browser…
      </p>
    );
  }
  return <data.Solver about={data.about} opened={data.model} />;
}

/** The solver is a part of its own in the bundle; its worker and WebAssembly are files of the server. */
async function load(id: string, signal: AbortSignal): Promise<Loaded> {
  const [solver, file, wasm] = await Promise.all([
    import('@eddy/web/solver'),
    request(`/runs/${id}/model`, { signal }).then((response) => response.arrayBuffer()),
    fetch('/page-tfjs.wasm', { signal }).then((response) => response.arrayBuffer()),
  ]);
  // A page that is left meanwhile closes only the worker that it knows.
  signal.throwIfAborted();
  const model = solver.decodeModel(file);
  const files = { script: '/page-worker.js', wasm: new Uint8Array(wasm) };
  const asked = solver.AskedModel.open(model, files);
  return { Solver: solver.SolverApp, model: asked, about: model.header.about };
}

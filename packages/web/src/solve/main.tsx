/** Starts the page `solve.html`. */
import { render } from 'preact';

import { AskedModel } from '../engine/ask-worker.ts';
import type { BackendName } from '../engine/backends.ts';
import type { WebThought } from '../model/solver.ts';
import { embedded } from './embedded.ts';
import { SolverApp } from './solver-app.tsx';

/** `#wasm` or `#webgpu` behind the address asks for one; else the page chooses. */
function askedBackend(): 'auto' | BackendName {
  const asked = location.hash.slice(1);
  return asked === 'wasm' || asked === 'webgpu' ? asked : 'auto';
}

const { model, files } = embedded();
const { about } = model.header;
const opened = AskedModel.open(model, files, askedBackend());

/** For programs that drive the page, and for its reader's console: `await eddy.solve([…tokens])`. */
const api = {
  about,
  opened: opened.then(({ backend, note }) => ({ backend, note })),
  async solve(
    input: ArrayLike<number>,
    { steps = about.steps, identifier = about.blankIdentifier } = {},
  ): Promise<readonly WebThought[]> {
    return (await opened).think({ input, identifier }, { steps });
  },
};
// The page itself says why nothing runs.
api.opened.catch(() => undefined);
Object.assign(globalThis, { eddy: api });

function Page() {
  return (
    <main class="eddy-page">
      <header>
        <h1>{about.name}</h1>
        <p>
          A tiny recursive model, which writes a whole answer and refines it. It runs in this page,
          on this device: nothing is sent anywhere.
        </p>
      </header>
      <SolverApp about={about} opened={opened} />
    </main>
  );
}

render(<Page />, document.querySelector('#app')!);

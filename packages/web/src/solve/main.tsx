/** Starts the page `solve.html`. */
import { AskedModel } from '../engine/ask-worker.ts';
import type { WebThought } from '../model/solver.ts';
import { embedded } from './embedded.ts';

const { model, files } = embedded();
const backend = location.hash.includes('wasm')
  ? 'wasm'
  : location.hash.includes('webgpu')
    ? 'webgpu'
    : 'auto';
const opened = AskedModel.open(model, files, backend);

/** For scripts that embed the page or ask it from the console. */
const api = {
  opened: opened.then(({ backend: name, note }) => ({ backend: name, note })),
  about: model.header.about,
  async solve(
    input: ArrayLike<number>,
    { steps = model.header.about.steps, identifier = model.header.about.blankIdentifier } = {},
  ): Promise<readonly WebThought[]> {
    return (await opened).think({ input, identifier }, { steps });
  },
};
Object.assign(globalThis, { eddy: api });

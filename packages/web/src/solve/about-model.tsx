/** What the page says of its model. */
import type { AskedModel } from '../engine/ask-worker.ts';
import type { WebThought } from '../model/solver.ts';
import type { ModelFacts } from '../model/web-model.ts';

const BACKENDS = { wasm: 'WebAssembly (SIMD)', webgpu: 'WebGPU' } as const;

/** Lists facts: the model, its training, what runs it and how fast. */
export function AboutModel({
  about,
  model,
  thoughts,
}: {
  readonly about: ModelFacts;
  readonly model: AskedModel | undefined;
  readonly thoughts: readonly WebThought[];
}) {
  const times = thoughts.map(({ ms }) => ms).sort((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)];
  const facts: (readonly [string, string])[] = [
    ['Model', `${about.model}, ${about.parameters.toLocaleString('en-US')} parameters`],
    ...about.details,
    ['Runs on', model === undefined ? 'loading…' : BACKENDS[model.backend]],
    ['Time per step', median === undefined ? '–' : `${median.toFixed(median < 10 ? 1 : 0)} ms`],
    ...(about.eddyVersion === '' ? [] : [['Made by', `Eddy ${about.eddyVersion}`] as const]),
  ];
  return (
    <section class="eddy-about" aria-labelledby="eddy-about-title">
      <h2 id="eddy-about-title">About this model</h2>
      <dl>
        {facts.map(([label, text]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      {model?.note && <p class="eddy-hint">{model.note}.</p>}
    </section>
  );
}

/** A model in a page: one puzzle at a time, one supervision step after the other. */
import { dispose, tensor, type Tensor } from '@tensorflow/tfjs-core';

import { disposeBlock, loadBlock, runBlock, type LoadedBlock } from './load-block.ts';
import { probabilitiesOf } from './probabilities.ts';
import { elementsOf, unpackBlock, type WebModel } from './web-model.ts';

/** A puzzle in tokens, as the model is asked. */
export interface Question {
  readonly input: ArrayLike<number>;
  readonly identifier: number;
}

/** What the model answers after one supervision step. */
export interface WebThought {
  readonly preds: Uint8Array;
  /** Logit of halting; absent in a model that does not halt. */
  readonly halt?: number;
  /** Probability of each cell's answer; absent in a model that gives no logits. */
  readonly probabilities?: Float32Array;
  /** Time of the step in milliseconds. */
  readonly ms: number;
}

/** A loaded model on the current TF.js backend. */
export class Solver {
  readonly #model: WebModel;
  readonly #block: LoadedBlock;
  /** Weights, and the carry of a model that was asked nothing yet. */
  readonly #tensors: ReadonlyMap<string, Tensor>;

  /** @throws UnknownOperationError */
  constructor(model: WebModel) {
    this.#model = model;
    const { program, tensors } = model.header;
    this.#block = loadBlock(unpackBlock(program, model.bytes));
    this.#tensors = new Map(
      Object.entries(tensors).map(([name, packed]) => [
        name,
        tensor(elementsOf(packed, model.bytes), [...packed.shape], packed.dtype),
      ]),
    );
  }

  /**
   * Yields the answer after the first supervision step, the second, … for as long as it is asked, beyond the steps of
   * the training too.
   */
  async *steps(question: Question): AsyncGenerator<WebThought, never> {
    const { header } = this.#model;
    let carry = new Map<string, Tensor>();
    try {
      for (let step = 0; ; step++) {
        const start = performance.now();
        const inputs = inputsOf(question, step === 0, header.about.seqLen);
        const operands = header.arguments.map(
          (name) => inputs.get(name) ?? carry.get(name) ?? this.#tensors.get(name)!,
        );
        const results = runBlock(this.#block, operands);
        dispose([...inputs.values()]);
        dispose([...carry.values()]);
        carry = new Map();
        const outputs = new Map<string, Tensor>();
        header.results.forEach((name, i) => {
          (name.startsWith('carry/') ? carry : outputs).set(name, results[i]!);
        });
        yield await readThought(outputs, start);
      }
    } finally {
      dispose([...carry.values()]);
    }
  }

  /** Frees the model's tensors. */
  dispose(): void {
    disposeBlock(this.#block);
    dispose([...this.#tensors.values()]);
  }
}

/** As the evaluation asks: the row comes with the first step, which restarts the slot; zeros follow. */
function inputsOf(
  { input, identifier }: Question,
  isFirst: boolean,
  seqLen: number,
): Map<string, Tensor> {
  const int32 = (data: Int32Array, shape: number[]) => tensor(data, shape, 'int32');
  const row = new Int32Array(seqLen);
  if (isFirst) row.set(Array.from(input));
  return new Map([
    ['batch/inputs', int32(row, [1, seqLen])],
    ['batch/labels', int32(new Int32Array(seqLen), [1, seqLen])],
    ['batch/puzzleIdentifiers', int32(Int32Array.of(isFirst ? identifier : 0), [1])],
    ['restart', int32(Int32Array.of(isFirst ? 1 : 0), [1])],
  ]);
}

async function readThought(
  outputs: ReadonlyMap<string, Tensor>,
  start: number,
): Promise<WebThought> {
  try {
    const read = async (name: string) => outputs.get(`outputs/${name}`)?.data();
    const preds = Uint8Array.from((await read('preds'))!);
    const halt = await read('q_halt_logits');
    const logits = (await read('logits')) as Float32Array | undefined;
    return {
      preds,
      ...(halt && { halt: halt[0]! }),
      ...(logits && { probabilities: probabilitiesOf(logits, preds) }),
      ms: performance.now() - start,
    };
  } finally {
    dispose([...outputs.values()]);
  }
}

/** `losses`: stablemax and softmax cross entropy per token, with gradients, to extreme logits. */
import type { HostTree } from '@eddy/tensor';
import {
  IGNORED_LABEL,
  softmaxCrossEntropy,
  stablemaxCrossEntropy,
  type TokenLoss,
} from '@eddy/models/kit';
import {
  keep,
  maximum,
  mul,
  notEqual,
  oneHot,
  scalar,
  sum,
  valueAndGrads,
  cast,
  type Scalar,
  type Tensor,
} from '@tensorflow/tfjs-core';

import { FLOAT32_ENGINES, type CaseHandler, type ParityEngine } from '../case-handler.ts';
import { assertClose } from '../compare.ts';
import type { Fixture } from '../fixture.ts';
import { hostTensor } from '../reference-model.ts';
import { runFunction } from '../run-program.ts';

const LOSSES: Record<string, TokenLoss> = {
  stablemax: stablemaxCrossEntropy,
  softmax: softmaxCrossEntropy,
};

export const handler: CaseHandler = {
  matches: (name) => name === 'losses',
  engines: FLOAT32_ENGINES,
  async run(fixture, engine) {
    const groups = fixture.tensorNames.flatMap((name) => /^(\w+)\/logits$/.exec(name)?.[1] ?? []);
    for (const group of groups) {
      for (const name of Object.keys(LOSSES)) await compareLoss(fixture, group, name, '', engine);
      await compareLoss(fixture, group, 'stablemax', 'masked_', engine);
    }
  },
};

async function compareLoss(
  fixture: Fixture,
  group: string,
  name: string,
  variant: '' | 'masked_',
  engine: ParityEngine,
): Promise<void> {
  const at = `${group}/${name}`;
  const expected = fixture.tensor(`${at}/${variant}grad`);
  const V = expected.shape.at(-1)!;
  const inputs: HostTree = {
    logits: hostTensor(fixture.tensor(`${group}/logits`)),
    labels: hostTensor(fixture.tensor(`${group}/labels`)),
    ...(variant === 'masked_' ? { validMask: hostTensor(fixture.tensor(`${at}/valid_mask`)) } : {}),
  };
  const result = await runFunction(
    `${name}-${variant}${group}`,
    inputs,
    (tensors) => {
      const labels = tensors['labels']!;
      const target = oneHot(maximum(labels, scalar(0, 'int32')), V, 1, 0, 'float32');
      const scored = tensors['validMask'] ?? notEqual(labels, scalar(IGNORED_LABEL, 'int32'));
      let losses!: Tensor;
      const { grads } = valueAndGrads((logits: Tensor): Scalar => {
        losses = keep(mul(LOSSES[name]!(logits, target), cast(scored, 'float32')));
        return sum(losses);
      })([tensors['logits']!]);
      return { losses, gradient: grads[0]! };
    },
    engine,
  );

  // float32 against the reference's float64; its bfloat16 gradients are rounded to 8 bits.
  const rounded = expected.dtype === 'BF16' ? { relativeToMax: 2 ** -8 } : { relativeToMax: 1e-5 };
  assertClose(
    `${at}/${variant}loss`,
    result['losses']!.data,
    fixture.tensor(`${at}/${variant}loss`),
    {
      absolute: 1e-5,
      relativeToMax: 1e-6,
    },
  );
  assertClose(`${at}/${variant}grad`, result['gradient']!.data, expected, rounded);
}

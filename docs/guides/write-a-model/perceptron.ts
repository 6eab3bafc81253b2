import { definePlugin } from '@eddy/core';
import {
  constant,
  embed,
  embeddingWeight,
  FeedForwardModel,
  linear,
  linearWeight,
} from '@eddy/models/kit';
import { relu, reshape } from '@tensorflow/tfjs-core';
import { z } from 'zod';

const config = z.strictObject({
  tokenWidth: z.int().min(1).default(16).describe('length of the vector of a token'),
  width: z.int().min(1).default(128).describe('units of the hidden layer'),
});

export default definePlugin({
  kind: 'model',
  name: 'perceptron',
  apiVersion: 1,
  summary: 'one hidden layer over the whole puzzle, no recursion',
  config,
  needs: ['dataset'],
  create: ({ tokenWidth, width }, { dataset }) => {
    const { seqLen, vocabSize } = dataset;
    return new FeedForwardModel({
      dataset,
      parameters: {
        tokens: embeddingWeight(vocabSize, tokenWidth),
        hidden: linearWeight(seqLen * tokenWidth, width),
        bias: constant([width], 0),
        output: linearWeight(width, seqLen * vocabSize),
      },
      logits({ tokens, hidden, bias, output }, inputs) {
        const embedded = embed(reshape(inputs, [-1]), tokens);
        const x = reshape(embedded, [-1, seqLen * tokenWidth]);
        const y = linear(relu(linear(x, hidden, bias)), output);
        return reshape(y, [-1, seqLen, vocabSize]);
      },
    });
  },
});

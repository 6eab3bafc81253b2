/**
 * A training step of a small TRM (MLP-Mixer variant) in plain TF.js: the workload by which tracing,
 * passes and lowering are judged. The real model lives in @eddy/models.
 *
 * Letters: L sequence, B batch, D hidden, V vocabulary. Activations are [L, B, D], so that token and
 * channel mixing are plain matrix products.
 */
import {
  add,
  addN,
  argMax,
  atan2,
  cast,
  concat,
  div,
  equal,
  exp,
  greaterEqual,
  keep,
  less,
  log,
  log1p,
  matMul,
  mean,
  mul,
  neg,
  oneHot,
  relu,
  reshape,
  rsqrt,
  scalar,
  sigmoid,
  slice,
  split,
  sqrt,
  square,
  sub,
  sum,
  transpose,
  valueAndGrads,
  where,
  zeros,
  type Rank,
  type Scalar,
  type Tensor,
  type Tensor2D,
} from '@tensorflow/tfjs-core';
import { randomStream } from '@eddy/core';
import {
  bfloat16,
  noGradient,
  repeat,
  sizeOf,
  zeros as hostZeros,
  type HostTensor,
  type HostTree,
  type Program,
  type SpecTree,
} from '@eddy/tensor';

export interface TrmStepOptions {
  readonly hidden: number;
  readonly batch: number;
  readonly sequence: number;
  readonly prefix: number;
  readonly vocab: number;
  readonly hCycles: number;
  readonly lCycles: number;
  readonly layers: number;
}

export const SMALL: TrmStepOptions = {
  hidden: 128,
  batch: 64,
  sequence: 16,
  prefix: 1,
  vocab: 6,
  hCycles: 3,
  lCycles: 6,
  layers: 2,
};

export const TINY: TrmStepOptions = {
  hidden: 8,
  batch: 3,
  sequence: 4,
  prefix: 1,
  vocab: 5,
  hCycles: 3,
  lCycles: 2,
  layers: 1,
};

const intermediate = (width: number) => Math.max(16, Math.round((width * 8) / 3 / 16) * 16);

function parameterSpecs(o: TrmStepOptions): SpecTree {
  const length = o.prefix + o.sequence;
  const specs: Record<string, { shape: number[]; dtype: 'float32' }> = {};
  const add = (name: string, ...shape: number[]) => (specs[name] = { shape, dtype: 'float32' });
  add('embedding', o.vocab, o.hidden);
  for (let i = 0; i < o.layers; i++) {
    add(`layers/${i}/token/gateUp`, 2 * intermediate(length), length);
    add(`layers/${i}/token/down`, length, intermediate(length));
    add(`layers/${i}/channel/gateUp`, o.hidden, 2 * intermediate(o.hidden));
    add(`layers/${i}/channel/down`, intermediate(o.hidden), o.hidden);
  }
  add('head', o.hidden, o.vocab);
  add('halt/weight', o.hidden, 1);
  add('halt/bias', 1);
  return specs;
}

const under = (prefix: string, specs: SpecTree): SpecTree =>
  Object.fromEntries(Object.entries(specs).map(([name, spec]) => [`${prefix}/${name}`, spec]));

/** x · w over the last axis, whatever comes before. */
function linear(x: Tensor, w: Tensor): Tensor {
  const rows = reshape<Rank.R2>(x, [-1, x.shape.at(-1)!]);
  const y = bfloat16(matMul(bfloat16(rows), bfloat16(w)));
  return reshape(y, [...x.shape.slice(0, -1), w.shape[1]!]);
}

const rmsNorm = (x: Tensor, axis: number) =>
  mul(x, rsqrt(add(mean(square(x), axis, true), scalar(1e-5))));

function swiGlu(gate: Tensor, up: Tensor): Tensor {
  return mul(mul(gate, sigmoid(gate)), up);
}

function block(x_LBD: Tensor, weights: (name: string) => Tensor): Tensor {
  const [length, batch, hidden] = x_LBD.shape as [number, number, number];
  const flat = bfloat16(reshape(x_LBD, [length, batch * hidden]));
  const mixed = bfloat16(matMul(bfloat16(weights('token/gateUp')), flat));
  const [tokenGate, tokenUp] = split(mixed, 2, 0) as [Tensor, Tensor];
  const token = bfloat16(swiGlu(tokenGate, tokenUp));
  const down = bfloat16(matMul(bfloat16(weights('token/down')), token));
  const y = rmsNorm(add(x_LBD, reshape(down, x_LBD.shape)), 0);
  const [gate, up] = split(linear(y, weights('channel/gateUp')), 2, -1) as [Tensor, Tensor];
  return rmsNorm(add(y, linear(swiGlu(gate, up), weights('channel/down'))), -1);
}

/** Σ over tokens of −log stablemax(logits)[label], in the form that float32 can hold. */
function stablemaxLoss(logits: Tensor, labels: Tensor): Scalar {
  const isNegative = less(logits, scalar(0));
  const magnitude = where(isNegative, neg(logits), logits);
  const logS = where(isNegative, neg(log1p(magnitude)), log1p(magnitude));
  const s = exp(logS);
  const logP = sub(logS, log(sum(s, -1, true)));
  return neg(sum(mul(logP, labels)));
}

export function trmStep(options: TrmStepOptions): Program {
  const { hidden, batch, sequence, prefix, vocab, hCycles, lCycles, layers } = options;
  const length = prefix + sequence;
  const specs = parameterSpecs(options);
  const names = Object.keys(specs);
  const latent = { shape: [length, batch, hidden], dtype: 'float32' } as const;

  return {
    name: `trm-step-${hidden}x${batch}x${length}`,
    state: {
      ...under('parameters', specs),
      ...under('slots/m', specs),
      ...under('slots/v', specs),
      ...under('average', specs),
      'carry/z_H': latent,
      'carry/z_L': latent,
    },
    inputs: {
      inputs: { shape: [batch, sequence], dtype: 'int32' },
      labels: { shape: [batch, sequence], dtype: 'int32' },
      learningRate: { shape: [], dtype: 'float32' },
    },
    run(state, inputs) {
      const tokens = oneHot(transpose(inputs['inputs']!), vocab);
      const labels = cast(oneHot(transpose(inputs['labels']!), vocab), 'float32');

      const loss = (parameters: Record<string, Tensor>) => {
        const f = (z: Tensor, injected: Tensor) => {
          let y = add(z, injected);
          for (let i = 0; i < layers; i++)
            y = block(y, (name) => parameters[`layers/${i}/${name}`]!);
          return y;
        };
        const embedded = linear(tokens, parameters['embedding']!);
        const x = mul(
          concat([zeros([prefix, batch, hidden]), embedded], 0),
          scalar(Math.sqrt(hidden)),
        );
        const cycle = ([zH, zL]: Tensor[], low: (z: Tensor, injected: Tensor) => Tensor) => {
          const injected = add(zH!, x);
          const newL = low(zL!, injected);
          return [f(zH!, newL), newL];
        };
        const looped = (z: Tensor, injected: Tensor) =>
          repeat(lCycles, [z], ([zL]) => [f(zL!, injected)])[0]!;
        const unrolled = (z: Tensor, injected: Tensor) => {
          for (let i = 0; i < lCycles; i++) z = f(z, injected);
          return z;
        };
        const start = noGradient([state['carry/z_H']!, state['carry/z_L']!], (carry) =>
          repeat(hCycles - 1, carry, (z) => cycle(z, looped)),
        );
        const [zH, zL] = cycle(start, unrolled) as [Tensor, Tensor];
        const logits = linear(slice(zH, [prefix, 0, 0]), parameters['head']!);
        const first = reshape<Rank.R2>(slice(zH, [0, 0, 0], [1, batch, hidden]), [batch, hidden]);
        const halt = add(
          matMul(first, parameters['halt/weight'] as Tensor2D),
          parameters['halt/bias']!,
        );
        const correct = cast(equal(argMax(logits, -1), argMax(labels, -1)), 'float32');
        const allCorrect = cast(greaterEqual(mean(correct, 0), scalar(1)), 'float32');
        const q = reshape(halt, [batch]);
        const haltLoss = sum(
          add(sub(relu(q), mul(q, allCorrect)), log1p(exp(neg(add(relu(q), relu(neg(q))))))),
        );
        const lmLoss = div(stablemaxLoss(logits, labels), scalar(sequence));
        const total = div(addN([lmLoss, mul(haltLoss, scalar(0.5))]), scalar(batch));
        return { total: total as Scalar, zH, zL, accuracy: mean(correct) };
      };

      let carry: { zH: Tensor; zL: Tensor; accuracy: Tensor } | undefined;
      const parameters = names.map((name) => state[`parameters/${name}`]!);
      const { value, grads } = valueAndGrads((...list: Tensor[]) => {
        const result = loss(Object.fromEntries(names.map((name, i) => [name, list[i]!])));
        carry = { zH: keep(result.zH), zL: keep(result.zL), accuracy: keep(result.accuracy) };
        return result.total;
      })(parameters);

      const updated: Record<string, Tensor> = {
        'carry/z_H': carry!.zH,
        'carry/z_L': carry!.zL,
      };
      names.forEach((name, i) => {
        const gradient = grads[i]!;
        const rate = inputs['learningRate'] as Scalar;
        const m = add(mul(state[`slots/m/${name}`]!, 0.9), mul(gradient, 0.1));
        const v = add(mul(state[`slots/v/${name}`]!, 0.95), mul(square(gradient), 0.05));
        const decayed = mul(parameters[i]!, sub(1, mul(rate, 0.1)));
        const p = sub(decayed, mul(rate, atan2(m, sqrt(v))));
        updated[`parameters/${name}`] = p;
        updated[`slots/m/${name}`] = m;
        updated[`slots/v/${name}`] = v;
        updated[`average/${name}`] = add(mul(state[`average/${name}`]!, 0.999), mul(p, 0.001));
      });
      return {
        state: updated,
        outputs: {
          loss: value,
          accuracy: carry!.accuracy,
          ...Object.fromEntries(names.map((name, i) => [`gradients/${name}`, grads[i]!])),
        },
      };
    },
  };
}

/** Parameters as TRM initialises them; a random carry; random tokens. */
export function trmStepValues(program: Program): { state: HostTree; inputs: HostTree } {
  const random = randomStream(7).stream('trm-step');
  const normal = (shape: readonly number[], scale: number): HostTensor => ({
    shape,
    dtype: 'float32',
    data: Float32Array.from({ length: sizeOf(shape) }, () => scale * (random.uniform() * 2 - 1)),
  });
  const state = Object.fromEntries(
    Object.entries(program.state).map(([name, spec]) => {
      const isWeight = name.startsWith('parameters/') || name.startsWith('average/');
      if (isWeight) return [name, normal(spec.shape, 1.7 / Math.sqrt(spec.shape[0]!))];
      return [name, name.startsWith('carry/') ? normal(spec.shape, 1.7) : hostZeros(spec)];
    }),
  );
  const tokens = (spec: (typeof program.inputs)[string]): HostTensor => ({
    ...spec,
    data: Int32Array.from({ length: sizeOf(spec.shape) }, () => Math.floor(random.uniform() * 5)),
  });
  return {
    state,
    inputs: {
      inputs: tokens(program.inputs['inputs']!),
      labels: tokens(program.inputs['labels']!),
      learningRate: { shape: [], dtype: 'float32', data: Float32Array.of(1e-4) },
    },
  };
}

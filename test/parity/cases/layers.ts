/** `layers`: each building block alone, forward and gradients. */
import { initialise } from '@eddy/core/training';
import { randomStream } from '@eddy/core';
import { type HostTensor, type HostTree, type TensorTree } from '@eddy/tensor';
import {
  attention,
  applyRotary,
  type AttentionOptions,
  linear,
  rmsNorm,
  rotaryTables,
  swiglu,
  swigluWidth,
} from '@eddy/models/kit';
import {
  mul,
  reshape,
  split,
  sum,
  tensor2d,
  transpose,
  valueAndGrads,
  keep,
  type Scalar,
  type Tensor,
} from '@tensorflow/tfjs-core';

import { FLOAT32_ENGINES, type CaseHandler, type ParityEngine } from '../case-handler.ts';
import { assertClose, assertEqual } from '../compare.ts';
import type { Fixture } from '../fixture.ts';
import { hostTensor } from '../reference-model.ts';
import { runFunction } from '../run-program.ts';

const VALUE = { absolute: 1e-5, relativeToMax: 1e-5 };
const GRADIENT = { relativeToMax: 2e-5 };

const EPSILON = 1e-5;
const THETA = 10_000;

/** A layer of x [B, L, C] as the reference gives it, its parameters, and the attention heads of the fixture. */
type Layer = (x_BLC: Tensor, parameters: TensorTree, numHeads: number) => Tensor;

const LAYERS: Record<string, Layer> = {
  rms_norm: (x) => rmsNorm(x, 2, EPSILON),
  linear_bias: (x, p) => overRows(x, (rows) => linear(rows, transpose(p['weight']!), p['bias']!)),
  swiglu: (x, p) =>
    overRows(x, (rows) => {
      const [gate, up] = split(transpose(p['gate_up_proj.weight']!), 2, 1) as [Tensor, Tensor];
      return swiglu(rows, { gate, up, down: transpose(p['down_proj.weight']!) });
    }),
  attention_none: (x, p, numHeads) => attend(x, p, { numHeads }),
  attention_rope: (x, p, numHeads) => {
    const [, L, D] = x.shape as [number, number, number];
    const shape: [number, number] = [L, D / numHeads];
    const { cos, sin } = rotaryTables(...shape, THETA);
    const rotary = { cos_LK: tensor2d(cos, shape), sin_LK: tensor2d(sin, shape) };
    return attend(x, p, { numHeads, rotary });
  },
  // attention_causal is not built: no model uses it.
};

export const handler: CaseHandler = {
  matches: (name) => name === 'layers',
  engines: FLOAT32_ENGINES,
  async run(fixture, engine) {
    for (const [name, layer] of Object.entries(LAYERS)) {
      await compareLayer(fixture, name, layer, engine);
    }
    await compareRotary(fixture, engine);
    compareWidths(fixture);
    compareInitialisation(fixture);
  },
};

async function compareLayer(
  fixture: Fixture,
  name: string,
  layer: Layer,
  engine: ParityEngine,
): Promise<void> {
  const parameters = fixture.tensorsUnder(`${name}/param/`);
  const numHeads = headsOf(fixture);
  const names = Object.keys(parameters);
  const inputs: Record<string, HostTensor> = {
    x: hostTensor(fixture.tensor(`${name}/x`)),
    cotangent: hostTensor(fixture.tensor(`${name}/cotangent`)),
  };
  for (const parameter of names) inputs[parameter] = hostTensor(parameters[parameter]!);

  const result = await runFunction(
    `layer-${name}`,
    inputs,
    (tensors) => {
      let y!: Tensor;
      const contracted = (x: Tensor, ...values: Tensor[]): Scalar => {
        const weights = Object.fromEntries(names.map((key, i) => [key, values[i]!]));
        y = keep(layer(x, weights, numHeads));
        return sum(mul(y, tensors['cotangent']!));
      };
      const leaves = [tensors['x']!, ...names.map((key) => tensors[key]!)];
      const { grads } = valueAndGrads(contracted)(leaves);
      return {
        y,
        grad_x: grads[0]!,
        ...Object.fromEntries(names.map((key, i) => [`grad/${key}`, grads[i + 1]!])),
      };
    },
    engine,
  );

  assertClose(`${name}/y`, result['y']!.data, fixture.tensor(`${name}/y`), VALUE);
  for (const gradient of ['grad_x', ...names.map((key) => `grad/${key}`)]) {
    const at = `${name}/${gradient}`;
    assertClose(at, result[gradient]!.data, fixture.tensor(at), GRADIENT);
  }
}

/** Folders of fixtures differ in it: queries of the rotary embedding are [B, L, heads, K]. */
function headsOf(fixture: Fixture): number {
  return fixture.tensor('rope/q').shape[2]!;
}

async function compareRotary(fixture: Fixture, engine: ParityEngine): Promise<void> {
  const [L, K] = fixture.tensor('rope/cos').shape as [number, number];
  const { cos, sin } = rotaryTables(L, K, THETA);
  assertClose('rope/cos', cos, fixture.tensor('rope/cos'), { absolute: 1e-6 });
  assertClose('rope/sin', sin, fixture.tensor('rope/sin'), { absolute: 1e-6 });

  const big = rotaryTables(916, 64, THETA);
  const rows = (table: Float32Array) =>
    [1, 81, 500, 915].flatMap((row) => [...table.subarray(row * 64, (row + 1) * 64)]);
  const far = { absolute: 1e-6 };
  assertClose('rope_big/cos', rows(big.cos), fixture.tensor('rope_big/cos_last_rows'), far);
  assertClose('rope_big/sin', rows(big.sin), fixture.tensor('rope_big/sin_last_rows'), far);

  for (const name of ['q', 'k']) {
    const inputs: HostTree = {
      x: hostTensor(fixture.tensor(`rope/${name}`)),
      cos: { shape: [L, K], dtype: 'float32', data: cos },
      sin: { shape: [L, K], dtype: 'float32', data: sin },
    };
    // [B, L, H, K] of the fixture to [B, H, L, K] and back.
    const swap = (x: Tensor) => transpose(x, [0, 2, 1, 3]);
    const { y } = await runFunction(
      `rope-${name}`,
      inputs,
      (tensors) => ({
        y: swap(applyRotary(swap(tensors['x']!), tensors['cos']!, tensors['sin']!)),
      }),
      engine,
    );
    assertClose(`rope/${name}_out`, y!.data, fixture.tensor(`rope/${name}_out`), VALUE);
  }
}

function compareWidths(fixture: Fixture): void {
  for (const [key, width] of Object.entries(fixture.json.swiglu_inter as Record<string, number>)) {
    const [, hidden, expansion] = /^hidden=([\d.]+),expansion=([\d.]+)$/.exec(key)!;
    assertEqual(`swiglu_inter ${key}`, [swigluWidth(Number(hidden), Number(expansion))], [width]);
  }
}

interface Statistics {
  readonly std: number;
  readonly frac_within_1std: number;
  readonly quantiles: Readonly<Record<string, number>>;
}

/** Statistics of samples, ours and theirs: apart by a few standard errors at most. */
function compareInitialisation(fixture: Fixture): void {
  const n = 200_000;
  for (const stats of fixture.json.trunc_normal_init.stats as Statistics[]) {
    const { std } = stats;
    const spec = { shape: [n], init: { kind: 'truncated-normal', std } } as const;
    const values = initialise(spec, randomStream(1).stream(String(std))).sort();
    const near = { absolute: 0.02 * std };
    const square = values.reduce((total, x) => total + x * x, 0) / n;
    assertClose(`std ${std}`, [Math.sqrt(square)], [std], near);
    const limit = 2 * 1.1368472343385565 * std;
    assertClose(`largest of std ${std}`, [values[n - 1]!, -values[0]!], [limit, limit], near);
    const within = values.filter((x) => Math.abs(x) <= std).length / n;
    assertClose(`within one std ${std}`, [within], [stats.frac_within_1std], { absolute: 0.01 });
    for (const [quantile, value] of Object.entries(stats.quantiles)) {
      const ours = values[Math.floor(Number(quantile) * n)]!;
      assertClose(`quantile ${quantile} of std ${std}`, [ours], [value], near);
    }
  }
}

function overRows(x_BLC: Tensor, f: (rows: Tensor) => Tensor): Tensor {
  const [B, L, C] = x_BLC.shape as [number, number, number];
  return reshape(f(reshape(x_BLC, [B * L, C])), [B, L, -1]);
}

/** Our attention is sequence first. */
function attend(x_BLD: Tensor, p: TensorTree, options: AttentionOptions): Tensor {
  const weights = {
    qkv_DE: transpose(p['qkv_proj.weight']!),
    output_AD: transpose(p['o_proj.weight']!),
  };
  return transpose(attention(transpose(x_BLD, [1, 0, 2]), weights, options), [1, 0, 2]);
}

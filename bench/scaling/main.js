/**
 * `npm run bench:scaling`: what a step of each recipe should take on 1 to 64 GPUs. Arithmetic: nothing is run.
 *
 *   --peak 989   TFLOP/s in bfloat16    --share 0.6   of it that a step reaches, on however many rows
 *   --nvlink 450   --network 50   GB/s out of each GPU    --memory 4800   GB/s    --ethernet 12.5   GB/s out of rank 0
 *
 * Compute by the FLOPs of `bench:step`, cut by rows. Gradients: a ring in each host of 8, then of each eighth
 * between hosts, then in each host again, 2(n − 1)/n of the bytes out of each GPU in all. Rows of the table and
 * metrics: gathered and summed likewise. The update is made by every GPU. Nothing hides the exchange.
 */

import { sizeOf } from '@eddy/tensor';

import { readOptions } from '../options.js';
import { partsOf } from '../step/engine-contenders.js';
import { FULL_SIZES, trainingFlops } from '../step/sizes.js';

/** @import { Size } from '../step/sizes.js' */

const values = readOptions(import.meta.url, {
  peak: { type: 'string', default: '989' },
  share: { type: 'string', default: '0.6' },
  nvlink: { type: 'string', default: '450' },
  network: { type: 'string', default: '50' },
  memory: { type: 'string', default: '4800' },
  ethernet: { type: 'string', default: '12.5' },
});
const GIGA = 1e9;
const FLOPS = Number(values.peak) * 1e12 * Number(values.share);
const NVLINK = Number(values.nvlink) * GIGA;
const NETWORK = Number(values.network) * GIGA;
const MEMORY = Number(values.memory) * GIGA;
const ETHERNET = Number(values.ethernet) * GIGA;

const GPUS = [1, 8, 16, 64];
const PER_HOST = 8;
/** Of a message from one GPU to the next, within a host and between two. */
const HOP_S = 2e-6;
const NETWORK_HOP_S = 5e-6;
/** Gradients; then rows, ids and metrics. */
const BYTES = 4;
/** Read: gradient, parameter, two slots, average. Written: all but the gradient. */
const UPDATE_PASSES = 9;

console.log(
  `${values.peak} TFLOP/s × ${values.share}, NVLink ${values.nvlink} GB/s, ` +
    `${values.network} GB/s a GPU between hosts of ${PER_HOST}; batch 768; nothing was run\n`,
);
for (const size of FULL_SIZES) await print(size);

/** @param {Size} size */
async function print(size) {
  const { mixing = 'mlp', batchSize, hiddenSize, seqLen, puzzleLen } = size;
  const { model } = await partsOf(size, mixing);
  /** @type {readonly { readonly shape: readonly number[] }[]} */
  const specs = Object.values(model.parameters);
  const parameters = specs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const flops = trainingFlops(size, mixing);
  const gradients = parameters * BYTES;
  const rows = batchSize * hiddenSize * BYTES;
  console.log(
    `${size.name}: ${(flops / 1e12).toFixed(1)} TFLOP, ${parameters.toLocaleString('en')} parameters, ` +
      `gradients ${mega(gradients)} MB, rows of the table ${mega(rows)} MB`,
  );
  console.log(
    '  GPUs  rows  tokens  out of a GPU MB  compute ms  exchange ms  update ms  step ms  efficiency',
  );
  const alone = stepOn(1);
  for (const gpus of GPUS) {
    const { compute, exchange, update, step, bytes } = stepOn(gpus);
    const share = batchSize / gpus;
    const columns = [
      String(gpus).padStart(6),
      String(share).padStart(6),
      String(share * (seqLen + puzzleLen)).padStart(8),
      mega(bytes).padStart(17),
      ...[compute, exchange, update, step].map((s) => (s * 1e3).toFixed(2).padStart(11)),
      (alone.step / gpus / step).toFixed(2).padStart(11),
    ];
    console.log(columns.join(''));
  }
  const byRank0 = [2, 8].map((hosts) => {
    // Of every other host a sum comes in, and one goes out.
    const ms = (1e3 * 2 * (hosts - 1) * gradients) / ETHERNET;
    return `${ms.toFixed(1)} ms of ${hosts} hosts`;
  });
  console.log(`  by way of rank 0 at ${values.ethernet} GB/s: ${byRank0.join(', ')}\n`);

  /** @param {number} gpus */
  function stepOn(gpus) {
    const compute = flops / FLOPS / gpus;
    const sum = exchangeOf(gradients, gpus, 2);
    const gather = exchangeOf(rows, gpus, 1);
    const update = (UPDATE_PASSES * gradients) / MEMORY;
    const exchange = sum.seconds + gather.seconds;
    const bytes = sum.bytes + gather.bytes;
    return { compute, exchange, update, bytes, step: compute + exchange + update };
  }
}

/**
 * @param {number} bytes  of the whole
 * @param {number} gpus
 * @param {1 | 2} passes  gathered; or summed, which is scattered and gathered
 */
function exchangeOf(bytes, gpus, passes) {
  const inHost = Math.min(gpus, PER_HOST);
  const hosts = gpus / inHost;
  const within = passes * ((inHost - 1) / inHost) * bytes;
  const between = passes * ((hosts - 1) / hosts) * (bytes / inHost);
  return {
    bytes: within + between,
    seconds:
      within / NVLINK +
      passes * (inHost - 1) * HOP_S +
      between / NETWORK +
      passes * (hosts - 1) * NETWORK_HOP_S,
  };
}

/** @param {number} bytes */
function mega(bytes) {
  return (bytes / 1e6).toFixed(1);
}

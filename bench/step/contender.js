/**
 * Something that runs training steps of one size.
 *
 * @typedef {object} Contender
 * @property {string} name  as printed: `xla-cpu bf16-mixed`, `torch compiled bfloat16`
 * @property {'ours' | 'torch'} side
 * @property {'float32' | 'bfloat16'} precision
 * @property {number} prepareMs  building and compiling
 * @property {(steps: number) => Promise<number[]>} time  milliseconds of each of so many steps
 * @property {() => Promise<number | undefined>} peakBytes  of the device's memory; undefined where nobody counts
 * @property {() => Promise<void>} dispose
 */

/**
 * Times every contender in turns, so that a slow minute of the machine falls on all of them.
 *
 * @param {readonly Contender[]} contenders
 * @param {{ rounds: number, roundMs: number }} effort  a turn lasts about `roundMs`, at least one step
 * @returns {Promise<Map<Contender, number[]>>}
 */
export async function timeInTurns(contenders, effort) {
  /** @type {Map<Contender, number[]>} */
  const times = new Map(contenders.map((contender) => [contender, /** @type {number[]} */ ([])]));
  for (let round = 0; round < effort.rounds; round++) {
    for (const contender of contenders) {
      await idle(SETTLE_MS);
      const known = times.get(contender) ?? [];
      const steps = known.length === 0 ? 2 : Math.ceil(effort.roundMs / median(known));
      times.set(contender, [...known, ...(await contender.time(Math.min(steps, MAX_STEPS)))]);
    }
  }
  return times;
}

/** Thread pools spin for a while after their last work; the next contender should not share with them. */
const SETTLE_MS = 300;
const MAX_STEPS = 50;

/** @param {number} ms */
function idle(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = Float64Array.from(values).sort();
  const upper = sorted[Math.floor(sorted.length / 2)] ?? NaN;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? NaN;
  return (lower + upper) / 2;
}

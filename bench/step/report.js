/** Prints the measurements of one size: a row a contender, then a row a comparison. */
import { median } from './contender.js';

/** @import { Contender } from './contender.js' */

/**
 * @param {string} title
 * @param {ReadonlyMap<Contender, readonly number[]>} times
 * @param {number} flops
 * @param {{ name: string, tflops: number } | undefined} peak  of the processor, in bfloat16
 */
export async function report(title, times, flops, peak) {
  const bytes = new Map();
  for (const contender of times.keys()) bytes.set(contender, await contender.peakBytes());
  const rows = [...times].map(([contender, ms]) => ({
    contender,
    peakBytes: bytes.get(contender),
    best: Math.min(...ms),
    median: median(ms),
    steps: ms.length,
  }));
  const lines = [`\n${title}  ${(flops / 1e9).toFixed(1)} GFLOP a step`];
  lines.push(columns('', 'best ms', 'median ms', 'GFLOP/s', 'steps', 'ready s', 'peak GB'));
  for (const row of rows) {
    lines.push(
      columns(
        row.contender.name,
        row.best.toFixed(1),
        row.median.toFixed(1),
        (flops / 1e6 / row.best).toFixed(1),
        String(row.steps),
        (row.contender.prepareMs / 1e3).toFixed(1),
        row.peakBytes === undefined ? '' : (row.peakBytes / 1e9).toFixed(1),
      ),
    );
    if (peak !== undefined) lines.push(`  ${ofPeak(row, flops, peak)}`);
  }
  for (const ours of rows.filter(({ contender }) => contender.side === 'ours')) {
    for (const theirs of rows.filter(({ contender }) => contender.side === 'torch')) {
      if (ours.contender.precision !== theirs.contender.precision) continue;
      const names = `${ours.contender.name} against ${theirs.contender.name}`;
      const best = (theirs.best / ours.best).toFixed(2);
      const middle = (theirs.median / ours.median).toFixed(2);
      lines.push(`ratio ${best} best, ${middle} median  ${names}`);
    }
  }
  console.log(lines.join('\n'));
  return rows.map(({ contender, ...numbers }) => ({ name: contender.name, ...numbers }));
}

/**
 * @param {{ best: number, median: number }} row
 * @param {number} flops
 * @param {{ name: string, tflops: number }} peak
 */
function ofPeak({ best, median: middle }, flops, { name, tflops }) {
  const share = (/** @type {number} */ ms) => ((flops / ms / 1e9 / tflops) * 100).toFixed(1);
  return (
    `${(1e3 / middle).toFixed(2)} it/s, ${(flops / best / 1e9).toFixed(1)} TFLOP/s at best; ` +
    `${share(best)} % best, ${share(middle)} % median of ${name}'s ${tflops} TFLOP/s in bfloat16`
  );
}

/** @param {string[]} cells */
function columns(...cells) {
  return cells.map((cell, i) => (i === 0 ? cell.padEnd(28) : cell.padStart(10))).join('');
}

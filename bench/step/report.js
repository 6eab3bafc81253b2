/** Prints the measurements of one size: a row a contender, then a row a comparison. */
import { median } from './contender.js';

/** @import { Contender } from './contender.js' */

/**
 * @param {string} title
 * @param {ReadonlyMap<Contender, readonly number[]>} times
 * @param {number} flops
 */
export function report(title, times, flops) {
  const rows = [...times].map(([contender, ms]) => ({
    contender,
    best: Math.min(...ms),
    median: median(ms),
    steps: ms.length,
  }));
  const lines = [`\n${title}  ${(flops / 1e9).toFixed(1)} GFLOP a step`];
  lines.push(columns('', 'best ms', 'median ms', 'GFLOP/s', 'steps', 'ready s'));
  for (const row of rows) {
    lines.push(
      columns(
        row.contender.name,
        row.best.toFixed(1),
        row.median.toFixed(1),
        (flops / 1e6 / row.best).toFixed(1),
        String(row.steps),
        (row.contender.prepareMs / 1e3).toFixed(1),
      ),
    );
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

/** @param {string[]} cells */
function columns(...cells) {
  return cells.map((cell, i) => (i === 0 ? cell.padEnd(28) : cell.padStart(10))).join('');
}

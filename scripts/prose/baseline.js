/**
 * What was wrong when the check began, as a number for each file and rule. It may only shrink: more than that fails,
 * and `--shrink` writes lower numbers, never higher ones.
 */

/** @typedef {Record<string, Record<string, number>>} Baseline Rule → file → number. */
/** @typedef {{ rule: string, file: string, line: number, message: string }} Problem */

/**
 * Returns the problems of files that have more of a rule than the baseline admits.
 *
 * @param {readonly Problem[]} problems
 * @param {Baseline} baseline
 */
export function beyond(problems, baseline) {
  const counts = countProblems(problems);
  return problems.filter(
    ({ rule, file }) => (counts[rule]?.[file] ?? 0) > (baseline[rule]?.[file] ?? 0),
  );
}

/**
 * Returns the baseline lowered to what is still wrong.
 *
 * @param {readonly Problem[]} problems
 * @param {Baseline} baseline
 * @returns {Baseline}
 */
export function shrink(problems, baseline) {
  const counts = countProblems(problems);
  return Object.fromEntries(
    Object.entries(baseline).map(([rule, files]) => [
      rule,
      Object.fromEntries(
        Object.entries(files)
          .map(
            ([file, most]) =>
              /** @type {const} */ ([file, Math.min(most, counts[rule]?.[file] ?? 0)]),
          )
          .filter(([, most]) => most > 0)
          .sort(([a], [b]) => (a < b ? -1 : 1)),
      ),
    ]),
  );
}

/** The number of admitted problems. @param {Baseline} baseline */
export function totalOf(baseline) {
  return Object.values(baseline)
    .flatMap((files) => Object.values(files))
    .reduce((sum, most) => sum + most, 0);
}

/** @param {readonly Problem[]} problems */
function countProblems(problems) {
  /** @type {Baseline} */
  const counts = {};
  for (const { rule, file } of problems) {
    const files = (counts[rule] ??= {});
    files[file] = (files[file] ?? 0) + 1;
  }
  return counts;
}

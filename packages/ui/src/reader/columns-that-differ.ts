/** The options in which runs of one name differ: the columns of the list. */

interface Configured {
  readonly manifest: { readonly name: string };
  readonly config: ReadonlyMap<string, string>;
}

const MAX_COLUMNS = 12;
/** Options that say nothing of the experiment. */
const UNTELLING = /^(name|description|baseFolder|loggers|plugins|runDir)(\.|$)/;

/** Returns option paths, those first that distinguish most of the runs. */
export function columnsOf(runs: readonly Configured[]): string[] {
  const groups = new Map<string, Configured[]>();
  for (const run of runs) {
    if (run.config.size <= 1) continue;
    const group = groups.get(run.manifest.name);
    if (group === undefined) groups.set(run.manifest.name, [run]);
    else group.push(run);
  }
  /** Option → how many values beyond the first it has within its groups. */
  const variety = new Map<string, number>();
  for (const group of groups.values()) {
    const paths = new Set(group.flatMap(({ config }) => [...config.keys()]));
    for (const path of paths) {
      if (UNTELLING.test(path)) continue;
      const values = new Set(group.map(({ config }) => config.get(path)));
      if (values.size > 1) variety.set(path, (variety.get(path) ?? 0) + values.size - 1);
    }
  }
  return [...variety]
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, MAX_COLUMNS)
    .map(([path]) => path);
}

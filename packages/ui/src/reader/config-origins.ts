/** Where the options of a run come from: the comments that `pipeline run` writes into its config.yml. */

/** `  learningRate: 0.002 # sudoku-4x4.yml:17:20`; a key of a list's item begins with `- `. */
const LINE = /^( *)(- )?("(?:[^"\\]|\\.)*"|[\w.$@/-]+):(?: +(.*))?$/;
const ORIGIN = /^(?:.*\s)?# ?(default of .+|override \d+ ".*"|\S.*:\d+:\d+)$/;

/** Returns option path → origin. Lists are one option: the origin of their first item counts. */
export function originsIn(configText: string): Map<string, string> {
  const origins = new Map<string, string>();
  /** Keys around the line, and how far they are indented. */
  const around: { readonly key: string; readonly indent: number }[] = [];
  for (const line of configText.split('\n')) {
    const [, spaces = '', dash, quoted, rest = ''] = LINE.exec(line) ?? [];
    const origin = ORIGIN.exec(line)?.[1];
    if (quoted === undefined) continue;
    const indent = spaces.length + (dash?.length ?? 0);
    while (around.length > 0 && around.at(-1)!.indent >= indent) around.pop();
    // Items of a list belong to the key above them.
    const isItem = dash !== undefined || isInsideItem(around, indent);
    if (isItem) {
      const list = around.map(({ key }) => key).join('.');
      if (origin !== undefined && !origins.has(list)) origins.set(list, origin);
      continue;
    }
    around.push({ key: unquote(quoted), indent });
    if (origin !== undefined && rest !== '') {
      origins.set(around.map(({ key }) => key).join('.'), origin);
    }
  }
  return origins;
}

/** Further keys of an item are indented by two more than its dash, which is as far as a map's would be. */
function isInsideItem(around: readonly { readonly indent: number }[], indent: number): boolean {
  return indent - (around.at(-1)?.indent ?? -2) > 2;
}

function unquote(key: string): string {
  return key.startsWith('"') ? (JSON.parse(key) as string) : key;
}

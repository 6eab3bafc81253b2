/** docs/reference-map.md: every command and key of the reference, ours beside it, and the test of it. */
import {
  ARCH_KEYS,
  BUILDERS,
  REFERENCE_ARCHS,
  ROOT_DEFAULTS,
  ROOT_KEYS,
  type Builder,
  type ReferenceKey,
} from '@eddy/interop';

import { DEFECTS } from './defects.ts';
import type { Evidence } from './evidence.ts';
import { ARCH_TESTS, ROOT_TESTS } from './keys.ts';
import { ARTEFACTS, BUILDER_TESTS, COMMANDS, METRICS, VARIABLES, type Row } from './rows.ts';

export const REGENERATE = 'EDDY_WRITE_DOCS=1 npx vitest run --project spanning test/docs';

const HEAD = `# The reference, and ours beside it

<!-- Generated: ${REGENERATE} -->

Every command, key, file and metric of the authors' code (SamsungSAILMontreal/TinyRecursiveModels at
e7b6871), what stands for it here, and the test that runs that. \`pipeline from-reference\` is made of the
same tables. The words of a link are from the name of the test, or name a case of \`npm run test:parity\`.
`;

/** What the page says, whole. */
export function referenceMap(): string {
  return [
    HEAD,
    section('Commands', ['there', 'here', 'test'], COMMANDS.map(cells)),
    ...BUILDERS.map(builderSection),
    section('Environment variables', ['there', 'here', 'test'], VARIABLES.map(cells)),
    section(
      'Configuration',
      ['key', 'default there', 'what it is', 'here', 'test'],
      keyRows(ROOT_KEYS, ROOT_TESTS, rootDefault),
    ),
    section(
      'Architectures: `arch.…`',
      ['key', 'default there', 'what it is', 'here', 'test'],
      keyRows(ARCH_KEYS, ARCH_TESTS, archDefault),
    ),
    section('Files of a run', ['there', 'here', 'test'], ARTEFACTS.map(cells)),
    section('Metrics, as W&B shows them', ['there', 'here', 'test'], METRICS.map(cells)),
    section(
      'Defects and surprises of the reference',
      ['where', 'there', 'here', 'test'],
      DEFECTS.map(({ where, there, here, test }) => [where, there, here, test ? link(test) : '–']),
    ),
  ].join('\n');
}

/** Every test that the page points at. */
export function evidence(): Evidence[] {
  return [
    ...[...COMMANDS, ...VARIABLES, ...ARTEFACTS, ...METRICS].map(([, , test]) => test),
    ...Object.values(BUILDER_TESTS).flatMap((tests) => Object.values(tests)),
    ...Object.values(ROOT_TESTS),
    ...Object.values(ARCH_TESTS),
    ...DEFECTS.flatMap(({ test }) => (test === undefined ? [] : [test])),
  ];
}

function builderSection({ command, task, options }: Builder): string {
  const rows = Object.entries(options).map(([name, option]) => [
    `\`--${name}\``,
    code(option.default),
    option.meaning,
    option.ours,
    link(required(BUILDER_TESTS[task]![name], name)),
  ]);
  return section(`\`${command}\``, ['option', 'default', 'what it is', 'here', 'test'], rows);
}

function keyRows(
  keys: Readonly<Record<string, ReferenceKey>>,
  tests: Readonly<Record<string, Evidence>>,
  byDefault: (key: string) => string,
): string[][] {
  return Object.entries(keys).map(([key, { meaning, ours }]) => [
    `\`${key}\``,
    byDefault(key),
    meaning,
    ours,
    link(required(tests[key], key)),
  ]);
}

function rootDefault(key: string): string {
  return code(JSON.stringify(ROOT_DEFAULTS[key] ?? null));
}

/** One value, or one for each arch that has another than the first. */
function archDefault(key: string): string {
  const values = new Map<string, string[]>();
  for (const [arch, { name, defaults }] of Object.entries(REFERENCE_ARCHS)) {
    const value = key === 'name' ? name : defaults[key];
    const text = value === undefined ? '–' : code(JSON.stringify(value));
    values.set(text, [...(values.get(text) ?? []), arch]);
  }
  if (values.size === 1) return [...values.keys()][0]!;
  return [...values].map(([text, archs]) => `${archs.join(', ')}: ${text}`).join('; ');
}

function required(test: Evidence | undefined, row: string): Evidence {
  if (test === undefined) throw new Error(`the reference map names no test for ${row}`);
  return test;
}

function cells([theirs, ours, test]: Row): string[] {
  return [theirs, ours, link(test)];
}

/** From docs/ to the file. */
function link([file, words]: Evidence): string {
  return `[${words}](../${file})`;
}

function code(text: string): string {
  return `\`${text}\``;
}

function section(title: string, head: readonly string[], rows: readonly string[][]): string {
  const line = (row: readonly string[]) =>
    `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const rule = head.map(() => '---');
  return `\n## ${title}\n\n${[head, rule, ...rows].map(line).join('\n')}\n`.slice(1);
}

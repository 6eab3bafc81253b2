import * as tf from '@tensorflow/tfjs-core';

import { adviceFor, LEFT_OUT } from '@eddy/compiler/engine';
import {
  CPU_GAPS,
  FLOAT32_TOLERANCE,
  gapOf,
  opCases,
  partsOf,
  TFJS_GRADIENT_GAPS,
  WASM_GAPS,
  type Gap,
  type OpCase,
  type Part,
} from '@eddy/compiler/testing';

/** Engines with what each is known not to do; the suites assert both the rest and the gaps. */
const ENGINES: readonly (readonly [string, readonly Gap[]])[] = [
  ['cpu', CPU_GAPS],
  ['interpreter', []],
  ['tensorflow', []],
  ['wasm', WASM_GAPS],
  ['xla-cpu', []],
];

/** docs/compatibility.md: every compared operation on every engine, and every gap with its reason. */
export function compatibilityPage(): string {
  const notes = new Notes();
  const names = [...new Set(opCases.map(({ op }) => op))].sort((a, b) => a.localeCompare(b));
  const rows = names.map((op) => row(op, notes));
  const { relative, absolute } = FLOAT32_TOLERANCE;
  return `# Compatibility

<!-- Generated: EDDY_WRITE_DOCS=1 npx vitest run --project unit packages/engines/src/testing/compatibility -->

Programs are TF.js code. These operations are compared: values and gradients, ${opCases.length} cases over shapes,
broadcasting, empty axes, NaN and infinities, against TF.js's \`cpu\` backend (the oracle), within
${relative} of the value plus ${absolute} in float32. Gradients are also checked by finite differences in
float64. \`interpreter\` evaluates the traced graph in plain TypeScript, \`tensorflow\` runs it node by node;
\`xla-cpu\` compiles it. Other
operations that TF.js composes of these (\`tf.losses\`, \`tf.moments\` …) work as well.

A cell is value / gradient: ✓ equal, – no gradient to compare (integers, steps, or TF.js has none),
a number: a gap, explained below. A gap of some cases leaves the others equal.

| operation | ${ENGINES.map(([engine]) => engine).join(' | ')} |
| --- | ${ENGINES.map(() => '---').join(' | ')} |
${rows.join('\n')}

## Gaps

${notes.list()}

## Extensions

\`repeat\`, \`noGradient\`, \`recomputable\` and \`bfloat16\` are Eddy's own (\`@eddy/core\`). \`bfloat16\` rounds
under the policy \`bf16-mixed\` on compiling engines only; elsewhere it is the identity.

## Not traced

Of TF.js's ${kernelNames().length} kernels, tracing engines (\`xla-*\`, \`tensorflow\`) refuse these with \`TRACE_UNSUPPORTED_OP\`.

| kernel | why it is left out | what works |
| --- | --- | --- |
${Object.entries(LEFT_OUT)
  .map(([name, { because }]) => `| ${name} | ${because} | ${adviceFor(name)} |`)
  .join('\n')}
`;
}

function row(op: string, notes: Notes): string {
  const cases = opCases.filter((opCase) => opCase.op === op);
  const cells = ENGINES.map(([engine, gaps]) => {
    const all = [...TFJS_GRADIENT_GAPS, ...gaps];
    return `${cell(cases, 'value', engine, all, notes)} / ${cell(cases, 'gradient', engine, all, notes)}`;
  });
  return `| \`${op}\` | ${cells.join(' | ')} |`;
}

function cell(
  cases: readonly OpCase[],
  part: Part,
  engine: string,
  gaps: readonly Gap[],
  notes: Notes,
): string {
  const compared = cases.filter((opCase) => {
    const parts = partsOf(opCase);
    return parts.includes(part) || (part === 'gradient' && parts.includes('finite differences'));
  });
  if (compared.length === 0) return '–';
  // A gradient that is equal everywhere and wrong everywhere shows up by finite differences only.
  const found = compared.flatMap((opCase) => {
    const gap = gapOf(gaps, opCase, part);
    const slope = part === 'gradient' ? gapOf(gaps, opCase, 'finite differences') : undefined;
    const shown = gap ?? slope;
    return shown === undefined ? [] : [[shown, opCase] as const];
  });
  if (found.length === 0) return '✓';
  const numbers = found.map(([gap, { op, name }]) => {
    const where = TFJS_GRADIENT_GAPS.includes(gap) ? 'TF.js' : engine;
    return notes.number(`${where}, \`${op}\`, ${part}: ${gap.reason}`, name);
  });
  const partly = found.length < compared.length ? '✓ ' : '';
  return `${partly}${[...new Set(numbers)].map((n) => `[${n}]`).join(' ')}`;
}

class Notes {
  readonly #cases = new Map<string, Set<string>>();

  number(text: string, caseName: string): number {
    const cases = this.#cases.get(text) ?? new Set();
    this.#cases.set(text, cases.add(caseName));
    return [...this.#cases.keys()].indexOf(text) + 1;
  }

  list(): string {
    const lines = [...this.#cases].map(([text, cases]) => `1. ${text} (${[...cases].join('; ')})`);
    return lines.join('\n');
  }
}

/** Kernel names are exported as constants equal to their names. */
export function kernelNames(): string[] {
  return Object.entries(tf)
    .filter(([name, value]) => typeof value === 'string' && /^_?[A-Z]/.test(name) && value === name)
    .map(([name]) => name)
    .sort((a, b) => a.localeCompare(b));
}

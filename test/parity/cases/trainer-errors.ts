/**
 * `trainer_errors`: where the reference's own trainer stops. All are defects of it; each must stand in
 * the table of defects (docs/reference-map.md) with the test that shows what happens here instead.
 */
import { DEFECTS } from '../../docs/reference-map/defects.ts';
import type { CaseHandler } from '../case-handler.ts';

interface Entry {
  readonly desc: string;
  readonly result: 'raises' | 'runs';
  /** Of entries that raise: `pretrain.py:410`. */
  readonly at?: string;
}

/** The table names where a statement begins, the traceback the line of it that failed. */
const STATEMENT_LINES = 12;

/** The one entry that runs, and means nothing: metrics of no examples. */
const WITHOUT_A_LINE: Readonly<Record<string, number>> = {
  'evaluate with a set that has no labels (count 0)': 455,
};

export const handler: CaseHandler = {
  matches: (name) => name === 'trainer_errors',
  run(fixture) {
    for (const entry of fixture.json as Entry[]) {
      const line = lineOf(entry);
      const isListed = DEFECTS.some(
        ({ where, test }) =>
          test !== undefined &&
          trainerLines(where).some((start) => line >= start && line < start + STATEMENT_LINES),
      );
      if (!isListed) {
        throw new Error(`${entry.desc} (pretrain.py:${line}): no row with a test in the table`);
      }
    }
  },
};

function lineOf({ desc, at }: Entry): number {
  const line = at === undefined ? WITHOUT_A_LINE[desc] : trainerLines(at)[0];
  if (line === undefined) throw new Error(`${desc}: not a place in pretrain.py`);
  return line;
}

/** `pretrain.py:160, 307` → 160, 307. */
function trainerLines(where: string): number[] {
  const lines = /pretrain\.py:(\d+(?:, \d+)*)/.exec(where)?.[1] ?? '';
  return lines === '' ? [] : lines.split(', ').map(Number);
}

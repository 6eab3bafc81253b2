/** Which runs a filter lets through. */
import type { RunRow, RunStatus } from '../../../api/runs.ts';

export const STATUSES: readonly RunStatus[] = [
  'running',
  'waiting',
  'done',
  'failed',
  'stopped',
  'interrupted',
];

export interface RunsFilter {
  /** Words that must all occur; `option=value` compares one column. */
  readonly text: string;
  /** Empty for all. */
  readonly status: string;
}

export function filterRuns(rows: readonly RunRow[], { text, status }: RunsFilter): RunRow[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter((row) => {
    if (status !== '' && row.status !== status) return false;
    return words.every((word) => hasWord(row, word));
  });
}

function hasWord(row: RunRow, word: string): boolean {
  const [option, value] = word.split('=');
  if (value !== undefined) {
    return Object.entries(row.values).some(
      ([path, held]) =>
        path.toLowerCase().endsWith(option!) && held.toLowerCase().startsWith(value),
    );
  }
  const texts = [
    row.name,
    row.folder,
    row.status,
    row.error?.code ?? '',
    ...Object.values(row.values),
  ];
  return texts.some((held) => held.toLowerCase().includes(word));
}

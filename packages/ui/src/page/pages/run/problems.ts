/** What went wrong in a run, the worst first. */
import type { RunView } from '../../../api/run.ts';
import { formatCount } from '../../format.ts';

export interface RunProblem {
  readonly level: 'error' | 'warning';
  readonly title: string;
  readonly text: string;
}

export function problemsOf(view: RunView): RunProblem[] {
  const { head, notes, leakage, unreadableLines, nonFinite } = view;
  const problems: RunProblem[] = [];
  const add = (level: RunProblem['level'], title: string, text: string) =>
    problems.push({ level, title, text });
  if (head.error !== undefined && head.status !== 'stopped') {
    add('error', 'It failed', `${head.error.code}: ${firstLine(head.error.message)}`);
  }
  if (head.status === 'interrupted') {
    add(
      'error',
      'Interrupted',
      'The process ended without recording why: it was killed, or its machine went down.',
    );
  }
  for (const { metric, step, set } of nonFinite) {
    add(
      'error',
      'Not a number',
      `${metric} of ${set} is not finite from step ${formatCount(step)}.`,
    );
  }
  for (const { report, text } of leakage) {
    if (report.leakedExamples > 0) add('warning', 'Leakage', text);
  }
  if (head.trend?.verdict === 'rising') {
    add('warning', 'Loss rises', 'The training loss was lower a tenth of the run earlier.');
  }
  for (const { level, text } of notes) {
    if (level === 'warning') add('warning', 'Warning', firstLine(text));
  }
  if (unreadableLines > 0) {
    add('warning', 'Damaged journal', `${unreadableLines} lines could not be read.`);
  }
  return problems;
}

function firstLine(text: string): string {
  return text.split('\n')[0]!;
}

/**
 * Ends every lane with one plain line, `N passed, N failed` (`, N skipped` when some were), after
 * saying which tests were skipped and why. Tests skipped with a reason that begins with `not yet`
 * are cases of the fixtures that nothing implements so far: they are counted apart.
 */
import type { Reporter, TestCase, TestModule, TestRunEndReason } from 'vitest/node';

const NO_REASON = 'no reason given';

export default class ClosingLine implements Reporter {
  onTestRunEnd(
    modules: readonly TestModule[],
    unhandledErrors: readonly unknown[],
    reason: TestRunEndReason,
  ): void {
    let passed = 0;
    // An error outside of any test, or a file that could not be loaded, is a failure too.
    let failed = unhandledErrors.length;
    const skipped: { test: string; reason: string }[] = [];
    for (const module of modules) {
      failed += loadErrors(module);
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed') passed += 1;
        else if (result.state === 'failed') failed += 1;
        else skipped.push({ test: nameOf(test), reason: reasonOf(test) });
      }
    }
    if (reason === 'interrupted') failed += 1;
    // The default reporter has written its summary by now; only the closing of workers is left.
    process.once('exit', () => process.stdout.write(closingText(passed, failed, skipped)));
  }
}

function loadErrors(module: TestModule): number {
  let errors = module.errors().length;
  // Errors of a suite itself, such as a `beforeAll` that threw.
  for (const suite of module.children.allSuites()) errors += suite.errors().length;
  return errors;
}

function nameOf(test: TestCase): string {
  return `${test.module.relativeModuleId} > ${test.fullName}`;
}

function reasonOf(test: TestCase): string {
  const result = test.result();
  return (result.state === 'skipped' ? result.note : undefined) ?? NO_REASON;
}

/** The last lines of a run. */
export function closingText(
  passed: number,
  failed: number,
  skipped: readonly { readonly test: string; readonly reason: string }[],
): string {
  const notYet = skipped.filter(({ reason }) => reason.startsWith('not yet'));
  const others = skipped.filter(({ reason }) => !reason.startsWith('not yet'));
  const lines: string[] = [];
  for (const { test, reason } of notYet) lines.push(`${reason}  ${test}`);
  if (notYet.length > 0) lines.push(`${notYet.length} not yet`);
  for (const [reason, tests] of byReason(others)) {
    lines.push(`skipped ${tests.length}: ${reason}`);
    for (const test of tests.slice(0, 5)) lines.push(`  ${test}`);
    if (tests.length > 5) lines.push(`  and ${tests.length - 5} more`);
  }
  const tail = others.length > 0 ? `, ${others.length} skipped` : '';
  lines.push(`${passed} passed, ${failed} failed${tail}`);
  return `${lines.join('\n')}\n`;
}

function byReason(
  skipped: readonly { readonly test: string; readonly reason: string }[],
): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { test, reason } of skipped) {
    groups.set(reason, [...(groups.get(reason) ?? []), test]);
  }
  return groups;
}

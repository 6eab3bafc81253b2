/**
 * Ends every lane with one plain line, `N passed, N failed` (`, N skipped` when some were), after
 * saying which tests were skipped and why. Tests skipped with a reason that begins with `not yet`
 * are cases of the fixtures that nothing implements so far: they are counted apart.
 *
 * A test that is skipped without a reason fails the run, and so does one whose reason is not expected where
 * `EDDY_EXPECTED_SKIPS` says what is: reasons separated by `|`, of each a part that every such reason has.
 */
import type { Reporter, TestCase, TestModule, TestRunEndReason, Vitest } from 'vitest/node';

export interface Skipped {
  readonly test: string;
  /** Undefined where none was given. */
  readonly reason: string | undefined;
}

export default class ClosingLine implements Reporter {
  /** Only a part of the tests was asked for by name: the others are skipped without a reason. */
  #isPart = false;

  onInit(vitest: Vitest): void {
    this.#isPart = vitest.config.testNamePattern !== undefined;
  }

  onTestRunEnd(
    modules: readonly TestModule[],
    unhandledErrors: readonly unknown[],
    reason: TestRunEndReason,
  ): void {
    let passed = 0;
    // An error outside of any test, or a file that could not be loaded, is a failure too.
    let failed = unhandledErrors.length;
    const skipped: Skipped[] = [];
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
    const unexpected = this.#isPart
      ? []
      : unexpectedSkips(skipped, process.env['EDDY_EXPECTED_SKIPS']);
    if (unexpected.length > 0) process.exitCode = 1;
    // The default reporter has written its summary by now; only the closing of workers is left.
    process.once('exit', () =>
      process.stdout.write(closingText(passed, failed, skipped, unexpected)),
    );
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

function reasonOf(test: TestCase): string | undefined {
  const result = test.result();
  return result.state === 'skipped' ? result.note : undefined;
}

/**
 * Those that were skipped without a reason, or with one that is not expected.
 *
 * @param expected  parts of reasons, separated by `|`; undefined where any reason will do
 */
export function unexpectedSkips(
  skipped: readonly Skipped[],
  expected: string | undefined,
): readonly Skipped[] {
  const parts = expected?.split('|').filter((part) => part !== '');
  return skipped.filter(
    ({ reason }) =>
      reason === undefined || (parts !== undefined && !parts.some((part) => reason.includes(part))),
  );
}

/**
 * The last lines of a run.
 *
 * @param unexpected  those of the skipped tests that fail the run: they are listed whole, and counted as failed
 */
export function closingText(
  passed: number,
  failed: number,
  skipped: readonly Skipped[],
  unexpected: readonly Skipped[] = [],
): string {
  const rest = skipped.filter((one) => !unexpected.includes(one));
  const notYet = rest.filter(({ reason }) => reason?.startsWith('not yet'));
  const others = rest.filter(({ reason }) => !reason?.startsWith('not yet'));
  const lines: string[] = [];
  for (const { test, reason } of notYet) lines.push(`${reason}  ${test}`);
  if (notYet.length > 0) lines.push(`${notYet.length} not yet`);
  for (const [reason, tests] of byReason(others)) {
    lines.push(`skipped ${tests.length}: ${reason}`);
    for (const test of tests.slice(0, 5)) lines.push(`  ${test}`);
    if (tests.length > 5) lines.push(`  and ${tests.length - 5} more`);
  }
  for (const { test, reason } of unexpected) {
    lines.push(`skipped, which fails the run: ${test}: ${reason ?? 'no reason given'}`);
  }
  const tail = others.length > 0 ? `, ${others.length} skipped` : '';
  lines.push(`${passed} passed, ${failed + unexpected.length} failed${tail}`);
  return `${lines.join('\n')}\n`;
}

function byReason(skipped: readonly Skipped[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { test, reason = 'no reason given' } of skipped) {
    groups.set(reason, [...(groups.get(reason) ?? []), test]);
  }
  return groups;
}

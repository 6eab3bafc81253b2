/** A text that no shell would take, with the place. */
export class ScriptProblem extends Error {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly fix: string;

  constructor(
    message: string,
    place: { readonly line: number; readonly column: number },
    fix: string,
  ) {
    super(message);
    this.name = 'ScriptProblem';
    this.line = place.line;
    this.column = place.column;
    this.fix = fix;
  }
}

/** Returns the fix for a line that a shell would not take. */
export function fixFor(line: string): string {
  if (/<[A-Za-z_][\w ./-]*>/.test(line)) return 'write the value in place of <…>';
  return /\b(?:subprocess\.\w+|os\.system|Popen|check_call)\(|^\s*\w+ = \[/.test(line)
    ? 'this is Python: give the command line that it starts'
    : 'write the command as a shell takes it: close each quote and bracket, and quote values with blanks';
}

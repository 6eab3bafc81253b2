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

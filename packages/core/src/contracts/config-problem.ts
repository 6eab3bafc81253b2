/** One problem found before running: a key path inside the plugin's options, and what to do. */
export interface ConfigProblem {
  /** A warning is said and nothing is refused; an error by default. */
  readonly level?: 'error' | 'warning';
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly expected: string;
  readonly received: string;
  readonly fix: string;
}

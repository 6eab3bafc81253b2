/** Where a text is not a puzzle, and what was expected there. */
export interface Misreading {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly expected: string;
  readonly received: string;
  /** What to write instead, where that is known. */
  readonly fix?: string;
}

/** Returns true where a text could not be read. */
export function isMisreading(reading: object): reading is Misreading {
  return 'expected' in reading;
}

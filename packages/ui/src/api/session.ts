/** What the page is about, and how requests fail. */

export interface Session {
  /** Folders that are shown, as the user named them. */
  readonly folders: readonly string[];
  /** The run or sweep, where the folder is one: the page begins there. */
  readonly start?: { readonly kind: 'run' | 'sweep'; readonly id: string };
  readonly version: string;
}

/** The body of every answer that is not 2xx. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  /** What the reader can do. */
  readonly fix: string;
}

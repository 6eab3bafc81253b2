/** A puzzle on its way to the model. */
export interface Asked {
  readonly cells: Uint8Array;
  readonly identifier: number;
  /** The solution that the dataset has, for a puzzle of the dataset. */
  readonly label?: Uint8Array | undefined;
}

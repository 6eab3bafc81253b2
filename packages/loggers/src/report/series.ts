/** The values of one metric, step by step. */
export class Series {
  readonly steps: number[] = [];
  readonly values: number[] = [];

  add(step: number, value: number): void {
    // After a restart of the engine, steps are done again: what was done last counts.
    while (this.steps.length > 0 && this.steps.at(-1)! >= step) {
      this.steps.pop();
      this.values.pop();
    }
    this.steps.push(step);
    this.values.push(value);
  }

  /** Means of windows of equal length around each point; shorter at the ends. Values that are not finite are left out. */
  smoothed(window: number): number[] {
    const sums = [0];
    const counts = [0];
    for (const value of this.values) {
      const isFinite = Number.isFinite(value);
      sums.push(sums.at(-1)! + (isFinite ? value : 0));
      counts.push(counts.at(-1)! + (isFinite ? 1 : 0));
    }
    const half = Math.floor(window / 2);
    return this.values.map((_, i) => {
      const from = Math.max(0, i - half);
      const to = Math.min(this.values.length, i + half + 1);
      return (sums[to]! - sums[from]!) / (counts[to]! - counts[from]!);
    });
  }
}

/** What a metric means, for people: plugins say it of the metrics that they report. */

export interface MetricDescription {
  /** Plain words for a heading: `Puzzles solved`. A `*` stands for what the `*` of the name stands for. */
  readonly label: string;
  /** One sentence that says what is counted or measured, and over what. */
  readonly explanation: string;
  /** `share`: from 0 to 1, shown in percent. Any number otherwise. */
  readonly scale?: 'share';
  /** Which way is better; left out where neither is. */
  readonly better?: 'higher' | 'lower';
  /** True if it is a part of another metric, such as one range of difficulty: shown only where there is room. */
  readonly isPart?: boolean;
}

/** By the name of the metric. A name may have one `*`, which stands for any text: `exact_accuracy/rating_*`. */
export type MetricDescriptions = Readonly<Record<string, MetricDescription>>;

/** Values of an option as places on an axis: numbers by their value, words at equal distances. */

export interface OptionAxis {
  /** Place of a value, 0 to 1; undefined where a trial has none. */
  readonly placeOf: (value: string | undefined) => number | undefined;
  /** Values that are written at the axis, and their places. */
  readonly ticks: readonly { readonly text: string; readonly place: number }[];
  /** True if numbers are placed by their logarithm: they span more than a factor of 50. */
  readonly isLog: boolean;
}

const LOG_FROM = 50;

/** Returns the axis of all values of an option. */
export function optionAxis(values: readonly (string | undefined)[]): OptionAxis {
  const texts = [...new Set(values.filter((value) => value !== undefined))];
  const numbers = texts.map(Number);
  const isNumeric = texts.every((text, i) => text.trim() !== '' && Number.isFinite(numbers[i]!));
  if (!isNumeric || texts.length < 2) {
    const places = new Map(
      texts.map((text, i) => [text, texts.length === 1 ? 0.5 : i / (texts.length - 1)]),
    );
    return {
      placeOf: (value) => (value === undefined ? undefined : places.get(value)),
      ticks: [...places].map(([text, place]) => ({ text, place })),
      isLog: false,
    };
  }
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  const isLog = low > 0 && high / low >= LOG_FROM;
  const scale = isLog ? Math.log : (value: number) => value;
  const placeOf = (value: string | undefined) =>
    value === undefined
      ? undefined
      : (scale(Number(value)) - scale(low)) / (scale(high) - scale(low));
  const sorted = texts.toSorted((a, b) => Number(a) - Number(b));
  return { placeOf, ticks: sorted.map((text) => ({ text, place: placeOf(text)! })), isLog };
}

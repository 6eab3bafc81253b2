/** Numbers as YAML and the command line read them again. */

/**
 * Returns the number as text: whole numbers beyond 2^53 with an exponent, since their digits would not be read
 * again.
 */
export function numberText(value: number): string {
  return isBeyondDigits(value) ? value.toExponential() : String(value);
}

/** True for whole numbers whose digits name no exact value. */
export function isBeyondDigits(value: number): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value);
}

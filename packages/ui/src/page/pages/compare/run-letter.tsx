/** A letter in the colour of a run: tells runs apart without colours too. */

/** Returns A for the first run, B for the second … */
export function letterOf(index: number): string {
  return String.fromCharCode(65 + index);
}

export function RunLetter({ index }: { readonly index: number }) {
  return (
    <b class="run-letter" style={{ '--run': `var(--series-${index + 1})` }}>
      {letterOf(index)}
    </b>
  );
}

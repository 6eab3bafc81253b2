import { styleFor, tableLines, widthOf } from '@eddy/loggers';

/** A table as text for standard output, as wide as the terminal allows. */
export function renderTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const layout = { width: widthOf(), style: styleFor(process.stdout, process.env) };
  return tableLines(header, rows, layout)
    .map((line) => `${line}\n`)
    .join('');
}

/** A grid without content: rows × cols empty cells. */
export interface BlankGridProps {
  readonly rows: number;
  readonly cols: number;
}

/** Draws empty cells, so that a page keeps its layout while a puzzle is read. */
export function BlankGrid({ rows, cols }: BlankGridProps) {
  return (
    <table aria-hidden="true">
      <tbody>
        {Array.from({ length: rows }, (_, row) => (
          <tr key={row}>
            {Array.from({ length: cols }, (_, col) => (
              <td key={col} />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

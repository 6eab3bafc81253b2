/** Shapes of the layers of a level, by the level's name: for tables of a model's parameters. */
export function layerShapes(
  level: string,
  count: number,
  shapes: Readonly<Record<string, number[]>>,
): Record<string, number[]> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) =>
      Object.entries(shapes).map(([name, shape]) => [`${level}/${i}/${name}`, shape]),
    ).flat(),
  ) as Record<string, number[]>;
}

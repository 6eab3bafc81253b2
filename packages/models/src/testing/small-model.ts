/** Models of width 8 with two heads over puzzles of four tokens: what their tests are made of. */
export const smallDataset = { vocabSize: 5, seqLen: 4, numPuzzleIdentifiers: 3 };

/** Shapes of parameters at the two ends of such a model. */
export const smallEnds = {
  embedTokens: [5, 8],
  lmHead: [8, 5],
  'qHead/weight': [8, 2],
  'qHead/bias': [2],
};

const mlp = { 'mlp/gateUp': [8, 512], 'mlp/down': [256, 8] };

/** Of a layer that attends. */
export const smallAttention = { 'attention/qkv': [8, 24], 'attention/output': [8, 8], ...mlp };

/** Of a layer with an MLP over `length` positions in place of attention. */
export function smallMixer(length: number) {
  return { 'tokenMixer/gateUp': [512, length], 'tokenMixer/down': [length, 256], ...mlp };
}

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

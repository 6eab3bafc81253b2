/** A weight of two rows and three columns, as `tensor` takes it. */
export const WEIGHT = {
  storage: 'FloatStorage',
  key: '0',
  numElements: 6,
  shape: [2, 3],
  strides: [3, 1],
};

/** Its storage: 0, 1, 2, 3, 4, 5. */
export const SIX = Buffer.from(Float32Array.of(0, 1, 2, 3, 4, 5).buffer);

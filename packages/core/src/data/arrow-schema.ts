/**
 * Columns of a split's Arrow file: `input` and `label` FixedSizeBinary[seqLen] (a byte a token),
 * `rating` float32 (null where the source has none), `puzzle` and `group` int32 (ordinals,
 * non-decreasing), `identifier` int32.
 */
import type { Schema } from 'apache-arrow';

import { arrow } from './arrow.ts';

export function schemaOf(seqLen: number): Schema {
  const { Field, FixedSizeBinary, Float32, Int32, Schema } = arrow;
  return new Schema([
    new Field('input', new FixedSizeBinary(seqLen), false),
    new Field('label', new FixedSizeBinary(seqLen), false),
    new Field('rating', new Float32(), true),
    new Field('puzzle', new Int32(), false),
    new Field('group', new Int32(), false),
    new Field('identifier', new Int32(), false),
  ]);
}

/**
 * A serialized `xla.CompileOptionsProto` for one device, written by hand: the fields below are all
 * that a single-device program needs.
 *
 *   executable_build_options (3) { num_replicas (4): 1, num_partitions (5): 1 }
 *
 * @source openxla/xla xla/pjrt/proto/compile_options.proto
 */
export const COMPILE_OPTIONS = Uint8Array.from([
  fieldTag(3, 2),
  4,
  fieldTag(4, 0),
  1,
  fieldTag(5, 0),
  1,
]);

/** Protobuf's key of a field: wire type 0 is a varint, 2 is a length-delimited message. */
function fieldTag(field: number, wireType: 0 | 2): number {
  return (field << 3) | wireType;
}

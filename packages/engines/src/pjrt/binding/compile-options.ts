/**
 * A serialized `xla.CompileOptionsProto`, written by hand: the fields below are all that a program
 * needs that runs on one device, or the same on several.
 *
 *   executable_build_options (3) { num_replicas (4), num_partitions (5): 1 }
 *
 * Without a device assignment the plugin takes its first devices, in their order.
 *
 * @param devices  below 128
 * @source openxla/xla xla/pjrt/proto/compile_options.proto
 */
export function compileOptions(devices: number): Uint8Array {
  return Uint8Array.of(fieldTag(3, 2), 4, fieldTag(4, 0), devices, fieldTag(5, 0), 1);
}

/** Protobuf's key of a field: wire type 0 is a varint, 2 is a length-delimited message. */
function fieldTag(field: number, wireType: 0 | 2): number {
  return (field << 3) | wireType;
}

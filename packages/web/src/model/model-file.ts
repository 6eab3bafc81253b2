/** A model as one run of bytes: the header's size (uint32), the header (JSON, filled up with spaces), the tensors. */
import type { WebModel, WebModelHeader } from './web-model.ts';

const PREFIX_BYTES = 4;
const ALIGNMENT = 4;

/** Returns a model as bytes. */
export function encodeModel({ header, bytes }: WebModel): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerBytes = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  const all = new Uint8Array(PREFIX_BYTES + headerBytes + bytes.length).fill(0x20);
  new DataView(all.buffer).setUint32(0, headerBytes, true);
  all.set(json, PREFIX_BYTES);
  all.set(bytes, PREFIX_BYTES + headerBytes);
  return all;
}

/** Returns the model that `encodeModel` wrote. */
export function decodeModel(file: ArrayBuffer): WebModel {
  const headerBytes = new DataView(file).getUint32(0, true);
  const json = new TextDecoder().decode(new Uint8Array(file, PREFIX_BYTES, headerBytes));
  return {
    header: JSON.parse(json) as WebModelHeader,
    bytes: new Uint8Array(file, PREFIX_BYTES + headerBytes),
  };
}

/**
 * The messages of an ONNX file that an exported graph needs, in protobuf's wire format.
 *
 * @source https://github.com/onnx/onnx, onnx/onnx.proto (IR version 8)
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

import type {
  OnnxAttribute,
  OnnxGraph,
  OnnxNode,
  OnnxTensor,
  OnnxValueInfo,
} from '../ops/define/onnx.ts';

/** Field numbers of the messages. */
const MODEL = { irVersion: 1, producer: 2, graph: 7, opsets: 8, metadata: 14 };
const OPSET = { domain: 1, version: 2 };
const STRING_ENTRY = { key: 1, value: 2 };
const GRAPH = { nodes: 1, name: 2, initializers: 5, doc: 10, inputs: 11, outputs: 12 };
const NODE = { inputs: 1, outputs: 2, opType: 4, attributes: 5 };
const ATTRIBUTE = { name: 1, float: 2, integer: 3, text: 4, graph: 6, integers: 8, type: 20 };
const ATTRIBUTE_TYPE = { float: 1, integer: 2, text: 3, graph: 5, integers: 7 };
const TENSOR = { dims: 1, dataType: 2, name: 8, rawData: 9 };
const VALUE_INFO = { name: 1, type: 2 };
const TYPE = { tensor: 1 };
const TENSOR_TYPE = { elementType: 1, shape: 2 };
const SHAPE = { dim: 1 };
const DIM = { value: 1 };

/** Opset 18: the axes of all reductions are inputs. IR version 8 came with it. */
const ONNX_OPSET = 18;
const IR_VERSION = 8;

/** `TensorProto.DataType` */
export const ONNX_DTYPES = { float32: 1, int32: 6, int64: 7, bool: 9 } as const;
export function encodeModel(
  graph: OnnxGraph,
  facts: {
    readonly producer: string;
    readonly metadata: Readonly<Record<string, string>>;
  },
): Uint8Array {
  const model = new BinaryWriter();
  integer(model, MODEL.irVersion, IR_VERSION);
  text(model, MODEL.producer, facts.producer);
  nested(model, MODEL.graph, (message) => writeGraph(message, graph));
  nested(model, MODEL.opsets, (opset) => {
    text(opset, OPSET.domain, '');
    integer(opset, OPSET.version, ONNX_OPSET);
  });
  for (const [key, value] of Object.entries(facts.metadata)) {
    nested(model, MODEL.metadata, (entry) => {
      text(entry, STRING_ENTRY.key, key);
      text(entry, STRING_ENTRY.value, value);
    });
  }
  return model.finish();
}

function writeGraph(message: BinaryWriter, graph: OnnxGraph): void {
  for (const node of graph.nodes) nested(message, GRAPH.nodes, (m) => writeNode(m, node));
  text(message, GRAPH.name, graph.name);
  for (const tensor of graph.initializers) {
    nested(message, GRAPH.initializers, (m) => writeTensor(m, tensor));
  }
  if (graph.doc !== undefined) text(message, GRAPH.doc, graph.doc);
  for (const value of graph.inputs) nested(message, GRAPH.inputs, (m) => writeValue(m, value));
  for (const value of graph.outputs) nested(message, GRAPH.outputs, (m) => writeValue(m, value));
}

function writeNode(message: BinaryWriter, node: OnnxNode): void {
  for (const input of node.inputs) text(message, NODE.inputs, input);
  for (const output of node.outputs) text(message, NODE.outputs, output);
  text(message, NODE.opType, node.opType);
  for (const [name, value] of Object.entries(node.attributes)) {
    nested(message, NODE.attributes, (attribute) => {
      text(attribute, ATTRIBUTE.name, name);
      integer(attribute, ATTRIBUTE.type, ATTRIBUTE_TYPE[writeAttribute(attribute, value)]);
    });
  }
}

/** Writes the value and returns what kind of value it is. */
function writeAttribute(message: BinaryWriter, value: OnnxAttribute): keyof typeof ATTRIBUTE_TYPE {
  if (typeof value === 'number') {
    integer(message, ATTRIBUTE.integer, value);
    return 'integer';
  }
  if (typeof value === 'string') {
    text(message, ATTRIBUTE.text, value);
    return 'text';
  }
  if ('nodes' in value) {
    nested(message, ATTRIBUTE.graph, (graph) => writeGraph(graph, value));
    return 'graph';
  }
  if ('float' in value) {
    message.tag(ATTRIBUTE.float, WireType.Bit32).float(value.float);
    return 'float';
  }
  for (const item of value) integer(message, ATTRIBUTE.integers, item);
  return 'integers';
}

function writeTensor(message: BinaryWriter, tensor: OnnxTensor): void {
  for (const dim of tensor.shape) integer(message, TENSOR.dims, dim);
  integer(message, TENSOR.dataType, ONNX_DTYPES[tensor.dtype]);
  text(message, TENSOR.name, tensor.name);
  message.tag(TENSOR.rawData, WireType.LengthDelimited).bytes(tensor.bytes);
}

function writeValue(message: BinaryWriter, { name, dtype, shape }: OnnxValueInfo): void {
  text(message, VALUE_INFO.name, name);
  nested(message, VALUE_INFO.type, (type) =>
    nested(type, TYPE.tensor, (tensor) => {
      integer(tensor, TENSOR_TYPE.elementType, ONNX_DTYPES[dtype]);
      nested(tensor, TENSOR_TYPE.shape, (dims) => {
        for (const dim of shape) nested(dims, SHAPE.dim, (d) => integer(d, DIM.value, dim));
      });
    }),
  );
}

function nested(message: BinaryWriter, field: number, fill: (message: BinaryWriter) => void): void {
  message.tag(field, WireType.LengthDelimited).fork();
  fill(message);
  message.join();
}

function text(message: BinaryWriter, field: number, value: string): void {
  message.tag(field, WireType.LengthDelimited).string(value);
}

function integer(message: BinaryWriter, field: number, value: number): void {
  message.tag(field, WireType.Varint).int64(value);
}

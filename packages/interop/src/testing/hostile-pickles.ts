import {
  global,
  int,
  lines,
  orderedDict,
  pickleOf,
  proto,
  stateDict,
  tensor,
  text,
  tuple,
  u32,
  u64,
  u8,
} from './crafted-files.ts';
import { WEIGHT } from './small-state-dict.ts';

/** A pickle that calls `module.name(...args)` in a reader that obeys it. */
export const call = (module: string, name: string, ...args: Buffer[]): Buffer =>
  pickleOf(proto(), global(module, name), tuple(...args), 'REDUCE', 'STOP');

const GLOBALS: [string, string][] = [
  ['posix', 'system'],
  ['os', 'system'],
  ['nt', 'system'],
  ['subprocess', 'Popen'],
  ['subprocess', 'check_output'],
  ['builtins', 'eval'],
  ['builtins', 'exec'],
  ['builtins', 'getattr'],
  ['builtins', '__import__'],
  ['builtins', 'open'],
  ['__builtin__', 'eval'],
  ['runpy', '_run_code'],
  ['importlib', 'import_module'],
  ['webbrowser', 'open'],
  ['operator', 'attrgetter'],
  ['functools', 'partial'],
  ['types', 'CodeType'],
  ['marshal', 'loads'],
  ['pickle', 'loads'],
  ['shutil', 'rmtree'],
  ['socket', 'create_connection'],
  ['torch', 'load'],
  ['torch.hub', 'load'],
  ['torch._utils', '_rebuild_device_tensor_from_numpy'],
  ['torch._utils', '_rebuild_tensor_v2.__globals__'],
  ['torch', 'FloatStorage.__init__'],
  ['torch.serialization', 'load'],
  ['torch.nn.modules.linear', 'Linear'],
  ['numpy.core.multiarray', '_reconstruct'],
  ['collections', 'OrderedDict.fromkeys'],
  ['collections.OrderedDict', '__init__'],
  ['Object', 'prototype'],
  ['', '__proto__'],
  ['constructor', 'constructor'],
];

const reduceWith = (args: Buffer, name = '_rebuild_tensor_v2') =>
  pickleOf(proto(), global('torch._utils', name), args, 'REDUCE', 'STOP');
const storageId = (...items: Buffer[]) => pickleOf(proto(), tuple(...items), 'BINPERSID', 'STOP');
const oneTensor = (facts: Partial<Parameters<typeof tensor>[0]>) =>
  stateDict({ x: tensor({ ...WEIGHT, ...facts }) });

/** Pickles of a `data.pkl` that must be refused; those that would run something run `shell`. */
export const hostilePickles = (shell: string): [string, () => Buffer][] => {
  const command = () => text(shell);
  return [
    ...GLOBALS.map(([module, name]): [string, () => Buffer] => [
      `GLOBAL ${module}.${name}`,
      () => call(module, name, command()),
    ]),
    [
      'STACK_GLOBAL',
      () =>
        pickleOf(
          proto(4),
          text('posix'),
          text('system'),
          'STACK_GLOBAL',
          command(),
          'TUPLE1',
          'REDUCE',
          'STOP',
        ),
    ],
    [
      'STACK_GLOBAL in protocol 2',
      () => pickleOf(proto(), text('os'), text('system'), 'STACK_GLOBAL', 'STOP'),
    ],
    ['INST', () => pickleOf('MARK', command(), 'INST', lines('posix', 'system'), 'STOP')],
    [
      'OBJ',
      () =>
        pickleOf(proto(), 'MARK', global('collections', 'OrderedDict'), command(), 'OBJ', 'STOP'),
    ],
    [
      'NEWOBJ',
      () => pickleOf(proto(), global('collections', 'OrderedDict'), tuple(), 'NEWOBJ', 'STOP'),
    ],
    [
      'NEWOBJ_EX',
      () =>
        pickleOf(
          proto(),
          global('collections', 'OrderedDict'),
          tuple(),
          'EMPTY_DICT',
          'NEWOBJ_EX',
          'STOP',
        ),
    ],
    ['EXT1', () => pickleOf(proto(), 'EXT1', u8(1), 'STOP')],
    ['EXT2', () => pickleOf(proto(), 'EXT2', u8(1), u8(0), 'STOP')],
    ['EXT4', () => pickleOf(proto(), 'EXT4', u32(1), 'STOP')],
    ['PERSID', () => pickleOf(proto(), 'PERSID', lines('storage'), 'STOP')],
    ['BUILD of a tensor', () => pickleOf(proto(), tensor(WEIGHT), 'EMPTY_DICT', 'BUILD', 'STOP')],
    [
      'BUILD of a global',
      () => pickleOf(proto(), global('torch', 'FloatStorage'), 'EMPTY_DICT', 'BUILD', 'STOP'),
    ],
    ['BUILD of a dict', () => pickleOf(proto(), 'EMPTY_DICT', 'EMPTY_DICT', 'BUILD', 'STOP')],
    [
      'BUILD with __class__',
      () =>
        pickleOf(
          proto(),
          orderedDict(),
          'EMPTY_DICT',
          text('__class__'),
          int(1),
          'SETITEM',
          'BUILD',
          'STOP',
        ),
    ],
    ['BUILD with a tuple', () => pickleOf(proto(), orderedDict(), tuple(), 'BUILD', 'STOP')],
    ['REDUCE of a storage class', () => call('torch', 'FloatStorage', int(1 << 30))],
    [
      'REDUCE of a string',
      () => pickleOf(proto(), text('eval'), tuple(command()), 'REDUCE', 'STOP'),
    ],
    [
      'REDUCE with a list',
      () => pickleOf(proto(), global('collections', 'OrderedDict'), 'EMPTY_LIST', 'REDUCE', 'STOP'),
    ],
    ['REDUCE on an empty stack', () => pickleOf(proto(), 'REDUCE', 'STOP')],
    ['OrderedDict with items', () => call('collections', 'OrderedDict', tuple(command()))],
    ['a tensor of no storage', () => reduceWith(tuple(int(0), int(0), tuple(), tuple()))],
    ['a tensor without arguments', () => reduceWith(tuple())],
    [
      'a Parameter of a string',
      () => reduceWith(tuple(command(), int(1), int(1)), '_rebuild_parameter'),
    ],
    ['persistent id 5', () => pickleOf(proto(), int(5), 'BINPERSID', 'STOP')],
    ['persistent id of a module', () => storageId(text('module'), text('m'), text('f'), text('x'))],
    [
      'a storage outside the archive',
      () =>
        storageId(
          text('storage'),
          global('torch', 'FloatStorage'),
          text('../../etc/passwd'),
          text('cpu'),
          int(1),
        ),
    ],
    [
      'a storage of a negative size',
      () =>
        storageId(
          text('storage'),
          global('torch', 'FloatStorage'),
          text('0'),
          text('cpu'),
          int(0xffffffff),
        ),
    ],
    [
      'a storage of an unknown class',
      () =>
        storageId(
          text('storage'),
          global('collections', 'OrderedDict'),
          text('0'),
          text('cpu'),
          int(1),
        ),
    ],
    [
      'one storage as two dtypes',
      () => stateDict({ x: tensor(WEIGHT), y: tensor({ ...WEIGHT, storage: 'IntStorage' }) }),
    ],
    ['an offset past the end', () => oneTensor({ offset: 1 })],
    ['a shape past the end', () => oneTensor({ shape: [3, 3] })],
    ['a stride past the end', () => oneTensor({ strides: [1 << 30, 1] })],
    ['a negative stride', () => oneTensor({ strides: [0xffffffff, 1] })],
    ['a spread of 2⁶⁰ elements', () => oneTensor({ shape: [1 << 30, 1 << 30], strides: [0, 0] })],
    ['more dims than strides', () => oneTensor({ shape: [1, 1, 1] })],
    [
      'a thousand dims',
      () =>
        oneTensor({
          shape: Array(1000).fill(1) as number[],
          strides: Array(1000).fill(1) as number[],
        }),
    ],
    [
      'a hundred spreads of one storage',
      () =>
        stateDict(
          Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`x${i}`, tensor(WEIGHT)])),
        ),
    ],
    ['a memo that was never put', () => pickleOf(proto(), 'BINGET', u8(7), 'STOP')],
    [
      'a list that holds itself',
      () => pickleOf(proto(), 'EMPTY_LIST', 'BINPUT', u8(0), 'BINGET', u8(0), 'APPEND', 'STOP'),
    ],
    [
      'a dict that holds itself',
      () =>
        pickleOf(
          proto(),
          orderedDict(),
          'BINPUT',
          u8(0),
          text('x'),
          'BINGET',
          u8(0),
          'SETITEM',
          'STOP',
        ),
    ],
    [
      'a tuple of tuples that doubles, 60 times',
      () =>
        pickleOf(
          proto(),
          'EMPTY_TUPLE',
          ...Array.from({ length: 60 }, () => pickleOf('BINPUT', u8(0), 'BINGET', u8(0), 'TUPLE2')),
          'STOP',
        ),
    ],
    ['100,000 open marks', () => pickleOf(proto(), Buffer.alloc(100_000, '('), 'STOP')],
    ['two million values', () => pickleOf(proto(), Buffer.alloc(2_000_000, 'N'), 'STOP')],
    [
      'two million memos',
      () =>
        pickleOf(
          proto(),
          'NONE',
          Buffer.concat(
            Array.from({ length: 1_100_000 }, (_, i) => pickleOf('LONG_BINPUT', u32(i))),
          ),
          'STOP',
        ),
    ],
    ['a text of 2 GiB', () => pickleOf(proto(), 'BINUNICODE', u32(0x7fffffff), u8(65), 'STOP')],
    ['a text of 4 GiB', () => pickleOf(proto(), 'BINUNICODE', u32(0xffffffff), u8(65), 'STOP')],
    ['a text of 2⁶³ bytes', () => pickleOf(proto(), 'BINUNICODE8', u64(1n << 63n), 'STOP')],
    ['bytes of 2 GiB', () => pickleOf(proto(), 'BINBYTES', u32(0x7fffffff), 'STOP')],
    ['a number of 255 bytes', () => pickleOf(proto(), 'LONG1', u8(255), Buffer.alloc(255), 'STOP')],
    [
      'a number of 8 large bytes',
      () => pickleOf(proto(), 'LONG1', u8(8), Buffer.alloc(8, 0x7f), 'STOP'),
    ],
    ['a number of 2 GiB', () => pickleOf(proto(), 'LONG4', u32(0x7fffffff), 'STOP')],
    ['a global without end', () => pickleOf(proto(), 'GLOBAL', Buffer.alloc(100_000, 'a'))],
    ['a text that is not UTF-8', () => pickleOf(proto(), 'BINUNICODE', u32(1), u8(0xff), 'STOP')],
    ['an odd dict', () => pickleOf(proto(), 'EMPTY_DICT', 'MARK', text('x'), 'SETITEMS', 'STOP')],
    [
      'a key twice',
      () =>
        pickleOf(
          proto(),
          orderedDict(text('x'), tensor(WEIGHT), text('x'), tensor(WEIGHT)),
          'STOP',
        ),
    ],
    ['a tuple as key', () => pickleOf(proto(), 'EMPTY_DICT', tuple(), int(1), 'SETITEM', 'STOP')],
    ['an item of a tuple', () => pickleOf(proto(), tuple(), text('x'), int(1), 'SETITEM', 'STOP')],
    [
      'protocol 0',
      () => pickleOf(lines('cposix', 'system'), 'MARK', command(), 'TUPLE', 'REDUCE', 'STOP'),
    ],
    ...[0, 1, 3, 4, 5, 200].map((version): [string, () => Buffer] => [
      `protocol ${version} in front`,
      () => pickleOf(proto(version), orderedDict(), 'STOP'),
    ]),
    ['a second PROTO', () => pickleOf(proto(), proto(), orderedDict(), 'STOP')],
    ['an empty pickle', () => Buffer.alloc(0)],
    ['no STOP', () => pickleOf(proto(), orderedDict())],
    ['bytes after STOP', () => pickleOf(stateDict({ x: tensor(WEIGHT) }), 'NONE')],
    [
      'a second pickle',
      () => pickleOf(stateDict({ x: tensor(WEIGHT) }), call('os', 'system', command())),
    ],
    ['two values', () => pickleOf(proto(), orderedDict(), orderedDict(), 'STOP')],
    ['a tensor alone', () => pickleOf(proto(), tensor(WEIGHT), 'STOP')],
    ['a number among the tensors', () => stateDict({ step: int(5) })],
    ['a nested dict', () => stateDict({ model: orderedDict(text('x'), tensor(WEIGHT)) })],
    ['a number as name', () => pickleOf(proto(), orderedDict(int(1), tensor(WEIGHT)), 'STOP')],
    ['a storage that is not there', () => stateDict({ x: tensor({ ...WEIGHT, key: '9' }) })],
    ['a storage of another size', () => stateDict({ x: tensor({ ...WEIGHT, numElements: 7 }) })],
  ];
};

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EddyError } from '@eddy/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

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
  torchFileOf,
  tuple,
  u32,
  u64,
  u8,
  zipOf,
  type CraftedEntry,
} from '../testing/crafted-files.ts';
import { PICKLE_OPCODES, type PickleOpcode } from './pickle-opcodes.ts';
import { readTorchFile } from './read-torch-file.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'eddy-torch-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const fileOf = (bytes: Uint8Array): string => {
  const path = join(folder, 'step_1');
  writeFileSync(path, bytes);
  return path;
};
const readBytes = (bytes: Uint8Array) => readTorchFile(fileOf(bytes));
const floats = (...values: number[]) => Buffer.from(Float32Array.from(values).buffer);

const WEIGHT = {
  storage: 'FloatStorage',
  key: '0',
  numElements: 6,
  shape: [2, 3],
  strides: [3, 1],
};
const SIX = floats(0, 1, 2, 3, 4, 5);

describe('readTorchFile', () => {
  it('reads a state dict in its order', async () => {
    const halves = Uint16Array.of(0x3f80, 0xc000);
    const bias = { storage: 'BFloat16Storage', key: '1', numElements: 2, shape: [2], strides: [1] };
    const pickle = stateDict({ weight: tensor(WEIGHT), bias: tensor(bias) });
    const { tensors } = await readBytes(
      torchFileOf(pickle, { 0: SIX, 1: Buffer.from(halves.buffer) }),
    );
    expect([...tensors.keys()]).toEqual(['weight', 'bias']);
    const weight = tensors.get('weight')!;
    expect([weight.dtype, weight.shape]).toEqual(['F32', [2, 3]]);
    expect(new Float32Array(weight.bytes.buffer)).toEqual(Float32Array.of(0, 1, 2, 3, 4, 5));
    expect(tensors.get('bias')!.dtype).toBe('BF16');
    expect(new Uint16Array(tensors.get('bias')!.bytes.buffer)).toEqual(halves);
  });

  it.each([
    ['a transpose', { shape: [3, 2], strides: [1, 3] }, [0, 3, 1, 4, 2, 5]],
    ['a part', { shape: [2], strides: [1], offset: 3 }, [3, 4]],
    ['a column', { shape: [2, 1], strides: [3, 7], offset: 1 }, [1, 4]],
    ['a spread row', { shape: [2, 2], strides: [0, 1] }, [0, 1, 0, 1]],
    ['a scalar', { shape: [], strides: [], offset: 5 }, [5]],
    ['nothing', { shape: [0, 4], strides: [4, 1], offset: 6 }, []],
  ])('makes %s contiguous', async (_name, view, expected) => {
    const pickle = stateDict({ x: tensor({ ...WEIGHT, ...view }) });
    const { tensors } = await readBytes(torchFileOf(pickle, { 0: SIX }));
    expect(tensors.get('x')!.shape).toEqual(view.shape);
    expect([...new Float32Array(tensors.get('x')!.bytes.buffer)]).toEqual(expected);
  });

  it('reads two names of one storage, and a Parameter as its data', async () => {
    const parameter = pickleOf(
      global('torch._utils', '_rebuild_parameter'),
      tuple(tensor(WEIGHT), pickleOf('NEWTRUE'), orderedDict()),
      'REDUCE',
    );
    const pickle = stateDict({ a: parameter, b: tensor(WEIGHT) });
    const { tensors } = await readBytes(torchFileOf(pickle, { 0: SIX }));
    expect(tensors.get('a')).toEqual(tensors.get('b'));
  });
});

/** What an attack would leave behind. */
const proof = () => join(folder, 'executed');
const command = () => text(`touch ${proof()}`);
const call = (module: string, name: string, ...args: Buffer[]) =>
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

const PICKLES: [string, () => Buffer][] = [
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
    () => pickleOf(proto(), 'MARK', global('collections', 'OrderedDict'), command(), 'OBJ', 'STOP'),
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
  ['REDUCE of a string', () => pickleOf(proto(), text('eval'), tuple(command()), 'REDUCE', 'STOP')],
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
        Buffer.concat(Array.from({ length: 1_100_000 }, (_, i) => pickleOf('LONG_BINPUT', u32(i)))),
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
      pickleOf(proto(), orderedDict(text('x'), tensor(WEIGHT), text('x'), tensor(WEIGHT)), 'STOP'),
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

/** Obeyed; every other opcode is refused wherever it stands. */
const OBEYED: readonly PickleOpcode[] = [
  ...(['PROTO', 'MARK', 'STOP', 'NONE', 'NEWTRUE', 'NEWFALSE', 'BININT', 'BININT1'] as const),
  ...(['BININT2', 'LONG1', 'BINFLOAT', 'BINUNICODE', 'SHORT_BINSTRING', 'EMPTY_TUPLE'] as const),
  ...(['EMPTY_LIST', 'EMPTY_DICT', 'TUPLE', 'TUPLE1', 'TUPLE2', 'TUPLE3', 'APPEND'] as const),
  ...(['APPENDS', 'SETITEM', 'SETITEMS', 'BINGET', 'LONG_BINGET', 'BINPUT'] as const),
  ...(['LONG_BINPUT', 'GLOBAL', 'BINPERSID', 'REDUCE', 'BUILD'] as const),
];

const good = (): CraftedEntry[] => [
  { name: 'archive/data.pkl', data: stateDict({ x: tensor(WEIGHT) }) },
  { name: 'archive/data/0', data: SIX },
];
const withEntry = (entry: Partial<CraftedEntry>): Buffer =>
  zipOf([...good(), { name: 'archive/more', data: Buffer.of(1), ...entry }]);
const changed = (index: number, change: Partial<CraftedEntry>): Buffer =>
  zipOf(good().map((entry, i) => (i === index ? { ...entry, ...change } : entry)));

const ARCHIVES: [string, () => Buffer][] = [
  ['..', () => withEntry({ name: '../../evil' })],
  ['.. inside', () => withEntry({ name: 'archive/../../evil' })],
  ['an absolute name', () => withEntry({ name: '/etc/passwd' })],
  ['a drive', () => withEntry({ name: 'C:/evil' })],
  ['a backslash', () => withEntry({ name: 'archive\\..\\evil' })],
  ['a NUL', () => withEntry({ name: 'archive/a\0b' })],
  ['a duplicate', () => withEntry({ name: 'archive/data/0', data: SIX })],
  ['two pickles', () => withEntry({ name: 'other/data.pkl' })],
  ['another name before the data', () => changed(1, { localName: 'archive/data/1' })],
  ['compressed data', () => changed(1, { method: 8 })],
  ['a ratio bomb', () => changed(1, { method: 8, sizes: [24, 0xfffffff0] })],
  ['two sizes', () => changed(1, { sizes: [24, 1 << 30] })],
  ['a size past the file', () => changed(1, { sizes: [1 << 30, 1 << 30] })],
  ['an encrypted entry', () => changed(1, { flags: 1 })],
  ['a wrong sum', () => changed(1, { crc: 1 })],
  ['an entry on another', () => withEntry({ aliasOf: 1, localName: 'archive/data/0', data: SIX })],
  [
    'an entry inside another',
    () => {
      const inner = zipOf([{ name: 'archive/data/0', data: SIX }]);
      const entries = [good()[0]!, { name: 'archive/outer', data: inner }, good()[1]!];
      const bytes = zipOf(entries);
      // The directory's last entry points at the header inside `outer`.
      const at = bytes.lastIndexOf(Buffer.from('archive/data/0')) - 4;
      bytes.writeUInt32LE(bytes.indexOf(inner), at);
      return bytes;
    },
  ],
  ['big-endian numbers', () => withEntry({ name: 'archive/byteorder', data: Buffer.from('big') })],
  ['no pickle', () => zipOf([{ name: 'archive/data/0', data: SIX }])],
  ['an empty archive', () => zipOf([])],
  [
    'a cut archive',
    () => torchFileOf(stateDict({ x: tensor(WEIGHT) }), { 0: SIX }).subarray(0, -30),
  ],
  ['a bare pickle (before PyTorch 1.6)', () => call('posix', 'system', command())],
  ['a tar archive (before PyTorch 0.1.10)', () => Buffer.alloc(1024, 'storages')],
  ['an empty file', () => Buffer.alloc(0)],
  ['two bytes', () => Buffer.from('PK')],
];

async function refusalOf(bytes: Uint8Array): Promise<EddyError> {
  const error: unknown = await readBytes(bytes).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(EddyError);
  return error as EddyError;
}

describe('attacks', () => {
  it.each([
    ...PICKLES.map(([name, make]) => [name, () => torchFileOf(make(), { 0: SIX })] as const),
    ...ARCHIVES,
  ])('%s is refused, and nothing runs', async (_name, make) => {
    const { code, facts } = await refusalOf(make());
    expect(code).toBe('TORCH_FILE_REFUSED');
    expect(facts.at).toContain('step_1');
    expect(existsSync(proof())).toBe(false);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it.each((Object.keys(PICKLE_OPCODES) as PickleOpcode[]).filter((name) => !OBEYED.includes(name)))(
    'the opcode %s is refused by name',
    async (name) => {
      const { facts } = await refusalOf(
        torchFileOf(pickleOf(proto(), orderedDict(), name, 'STOP')),
      );
      expect(facts.received).toBe(name);
    },
  );

  it('says where, what and what to do', async () => {
    const { message } = await refusalOf(torchFileOf(call('posix', 'system', command())));
    expect(message.replace(folder, '')).toMatchInlineSnapshot(`
      "TORCH_FILE_REFUSED  a name that a state dict does not need
        at        /step_1, archive/data.pkl byte 2
        expected  OrderedDict, tensors and their storages
        received  GLOBAL posix.system
        fix       nothing in the file was run; save it again with torch.save(model.state_dict(), …), or do not trust it"
    `);
  });
});

describe('damage', () => {
  it('ends in a state dict or a refusal, never otherwise', async () => {
    const whole = torchFileOf(
      stateDict({ x: tensor(WEIGHT), y: tensor({ ...WEIGHT, key: '1' }) }),
      {
        0: SIX,
        1: SIX,
      },
    );
    const outcomes = { read: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        async (changes) => {
          const bytes = Buffer.from(whole);
          for (const [at, value] of changes) bytes[at] = value;
          try {
            await readBytes(bytes);
            outcomes.read++;
          } catch (error) {
            if (!(error instanceof EddyError) || error.code !== 'TORCH_FILE_REFUSED') throw error;
            outcomes.refused++;
          }
        },
      ),
      { numRuns: 3000, seed: 7 },
    );
    expect(outcomes.refused).toBeGreaterThan(1000);
  });

  it('holds for the pickle alone', async () => {
    const pickle = stateDict({ x: tensor(WEIGHT) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(pickle.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 }),
        async (changes) => {
          const bytes = Buffer.from(pickle);
          for (const [at, value] of changes) bytes[at] = value;
          await readBytes(torchFileOf(bytes, { 0: SIX })).catch((error: unknown) => {
            if (!(error instanceof EddyError) || error.code !== 'TORCH_FILE_REFUSED') throw error;
          });
        },
      ),
      { numRuns: 3000, seed: 8 },
    );
  });
});

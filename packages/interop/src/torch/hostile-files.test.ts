import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { EddyError } from '@eddy/tensor/errors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  orderedDict,
  pickleOf,
  proto,
  stateDict,
  tensor,
  text,
  torchFileOf,
} from '../testing/crafted-files.ts';
import { hostileArchives } from '../testing/hostile-archives.ts';
import { call, hostilePickles } from '../testing/hostile-pickles.ts';
import { SIX, WEIGHT } from '../testing/small-state-dict.ts';
import { torchFolder } from '../testing/torch-folder.ts';
import { PICKLE_OPCODES, type PickleOpcode } from './pickle-opcodes.ts';

const { path: folder, readBytes } = torchFolder();

/** What an attack would leave behind. */
const proof = join(folder, 'executed');
const shell = `touch ${proof}`;

/** Obeyed; every other opcode is refused wherever it stands. */
const OBEYED: readonly PickleOpcode[] = [
  ...(['PROTO', 'MARK', 'STOP', 'NONE', 'NEWTRUE', 'NEWFALSE', 'BININT', 'BININT1'] as const),
  ...(['BININT2', 'LONG1', 'BINFLOAT', 'BINUNICODE', 'SHORT_BINSTRING', 'EMPTY_TUPLE'] as const),
  ...(['EMPTY_LIST', 'EMPTY_DICT', 'TUPLE', 'TUPLE1', 'TUPLE2', 'TUPLE3', 'APPEND'] as const),
  ...(['APPENDS', 'SETITEM', 'SETITEMS', 'BINGET', 'LONG_BINGET', 'BINPUT'] as const),
  ...(['LONG_BINPUT', 'GLOBAL', 'BINPERSID', 'REDUCE', 'BUILD'] as const),
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
    ...hostilePickles(shell).map(
      ([name, make]) => [name, () => torchFileOf(make(), { 0: SIX })] as const,
    ),
    ...hostileArchives(shell),
  ])('%s is refused, and nothing runs', async (_name, make) => {
    const { code, facts } = await refusalOf(make());
    expect(code).toBe('TORCH_FILE_REFUSED');
    expect(facts.at).toContain('step_1');
    expect(existsSync(proof)).toBe(false);
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
    const { message } = await refusalOf(torchFileOf(call('posix', 'system', text('true'))));
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

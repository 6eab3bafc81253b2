/**
 * A process of a group, forked by `two-processes.engine-test.ts`: does what a plugin would with the
 * key-value callbacks, or starts a plugin with them, and sends what came of it.
 */
import koffi from 'koffi';

import { BlockingKeyValues } from './blocking-key-values.ts';
import { launchedGroup } from '../../hosts/launcher.ts';
import { statusCode } from '../../process/status-code.ts';
import { PjrtApi } from '../../pjrt/binding/api.ts';
import { PjrtClient } from '../../pjrt/binding/client.ts';
import { KeyValueCallbacks, type KeyValues } from '../../pjrt/binding/key-value-callbacks.ts';
import { addressOf, textAt } from '../../pjrt/binding/native-memory.ts';
import { KEY_VALUE_GET, KEY_VALUE_PUT, KEY_VALUE_TRY_GET } from '../../pjrt/binding/structs.ts';

export type MemberTask = 'exchange' | 'client';

const CALLBACK = koffi.proto('void *', ['void *']);
const DELETER = koffi.proto('void', ['void *']);
const MAKE_ERROR = koffi.proto('void *', ['int', 'void *', 'size_t']);

/** An address keeps nothing alive. */
const keys: Buffer[] = [];

const [task, pluginPath = ''] = process.argv.slice(2) as [MemberTask, string?];
const group = launchedGroup(process.env)!;
const store = new BlockingKeyValues(group.coordinator);
const answer = await (task === 'client' ? startPlugin() : exchange());
process.send!(answer, () => process.disconnect());

/** Plays the plugin: every call is made on a thread that is not Node's. */
async function exchange(): Promise<Record<string, string>> {
  const callbacks = new KeyValueCallbacks(store);
  const errors: string[] = [];
  const makeError = koffi.register((code: number, message: unknown, size: bigint | number) => {
    errors.push(`${statusCode(code)}: ${textAt(koffi.address(message), BigInt(size))}`);
    return BigInt(errors.length);
  }, koffi.pointer(MAKE_ERROR));
  const callbackError = BigUint64Array.of(makeError);
  const failing = { callback_error: addressOf(callbackError) };

  const put = Buffer.from(`from ${group.rank}`);
  await onThread(
    callbacks.put,
    KEY_VALUE_PUT.create({
      ...keyed(`rank/${group.rank}`),
      ...failing,
      value: addressOf(put),
      value_size: BigInt(put.length),
    }).bytes,
  );
  const get = async (key: string, timeout: number) => {
    const args = KEY_VALUE_GET.create({ ...keyed(key), ...failing, timeout_in_ms: timeout });
    const error = await onThread(callbacks.get, args.bytes);
    if (error !== 0n) return errors[Number(error) - 1]!;
    const text = textAt(args.get('value'), args.get('value_size'));
    koffi.call(args.get('value_deleter_callback'), DELETER, args.get('value'));
    return text;
  };
  const got = await get(`rank/${1 - group.rank}`, 30_000);
  const late = await get('never', 50);
  const tried = KEY_VALUE_TRY_GET.create({ ...keyed('nothing'), ...failing });
  const missing = errors[Number(await onThread(callbacks.tryGet, tried.bytes)) - 1]!;
  return { got, missing, late };
}

async function startPlugin(): Promise<Record<string, number>> {
  let asked = 0;
  const counting: KeyValues = {
    put: (key, value) => {
      asked += 1;
      store.put(key, value);
    },
    get: (key, timeoutMs) => {
      asked += 1;
      return store.get(key, timeoutMs);
    },
  };
  const options = {
    cpu_device_count: 2n,
    node_id: BigInt(group.rank),
    num_nodes: BigInt(group.size),
  };
  const client = await PjrtClient.create(
    new PjrtApi(pluginPath),
    options,
    new KeyValueCallbacks(counting),
  );
  return { devices: client.deviceCount, asked };
}

function keyed(key: string): { key: bigint; key_size: bigint } {
  const bytes = Buffer.from(key);
  keys.push(bytes);
  return { key: addressOf(bytes), key_size: BigInt(bytes.length) };
}

function onThread(callback: bigint, args: Uint8Array): Promise<bigint> {
  const call = koffi.decode(callback, CALLBACK) as {
    async(args: Uint8Array, done: (error: unknown, result: unknown) => void): void;
  };
  return new Promise((resolve) => {
    call.async(args, (_error, result) => {
      resolve(result === null ? 0n : koffi.address(result));
    });
  });
}

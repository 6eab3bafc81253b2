import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { exampleRun, freshFolder } from '@eddy/core/testing';
import { from } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { EventFile } from './event-file.ts';
import { createTensorboardLogger } from './tensorboard-logger.ts';

const folder = freshFolder();

describe('EventFile', () => {
  it('writes the bytes that TensorBoard writes', () => {
    const path = join(folder.path, 'events');
    const file = new EventFile(path, 1.5);
    file.write(2.5, 300, { 'train/lr': 0.25 });
    file.close();
    expect(readFileSync(path).toString('hex')).toBe(REFERENCE);
  });
});

describe('tensorboard logger', () => {
  it('has every step once after a resume', async () => {
    const events = exampleRun(folder.path);
    const resumeAt = events.findIndex(({ type }) => type === 'checkpoint-saved');
    await createTensorboardLogger(folder.path).attach(from(events.slice(0, resumeAt + 20)));
    const kept = events.slice(0, resumeAt + 1);
    const journal = kept.map((event) => `${JSON.stringify(event)}\n`).join('');
    writeFileSync(join(folder.path, 'journal.jsonl'), journal);
    await createTensorboardLogger(folder.path).attach(from(events.slice(resumeAt + 1)));
    const resumed = readOnly();
    rmSync(join(folder.path, 'journal.jsonl'));
    await createTensorboardLogger(folder.path).attach(from(events));
    expect(resumed.equals(readOnly())).toBe(true);
  });
});

function readOnly(): Buffer {
  const [name, ...others] = readdirSync(join(folder.path, 'tensorboard'));
  expect(others).toEqual([]);
  return readFileSync(join(folder.path, 'tensorboard', name!));
}

// tensorboard 2.21.0 of PyPI: RecordWriter over Event(wall_time=1.5, file_version='brain.Event:2')
// and Event(wall_time=2.5, step=300, summary=Summary(value=[Value(tag='train/lr', simple_value=0.25)])).
const REFERENCE =
  '1800000000000000a37f4b2209000000000000f83f1a0d627261696e2e4576656e743a322a28646c1f00000000000000514b441809000000000000044010ac022a110a0f0a08747261696e2f6c72150000803e5cca9eee';

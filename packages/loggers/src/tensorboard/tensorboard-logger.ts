/** Scalars of a run as TensorBoard event files in `<run>/tensorboard/`. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

import type { Logger, RunEvent } from '@eddy/core';

import { fileLogger } from '../projection/file-logger.ts';
import { scalarsOf } from '../projection/scalars.ts';
import { WallClock } from '../projection/wall-clock.ts';
import { EventFile } from './event-file.ts';

const SUFFIX = '.eddy';

export function createTensorboardLogger(runFolder: string): Logger {
  const folder = join(runFolder, 'tensorboard');
  return fileLogger(join(runFolder, 'journal.jsonl'), () => {
    mkdirSync(folder, { recursive: true });
    const former = readdirSync(folder).filter((name) => name.endsWith(SUFFIX));
    const clock = new WallClock();
    let file: EventFile | null = null;
    return {
      write: (event: RunEvent) => {
        const seconds = clock.secondsOf(event);
        if (file === null) {
          // The new file has what the former ones had, from the journal.
          for (const name of former) rmSync(join(folder, name));
          file = new EventFile(join(folder, fileName(seconds)), seconds);
        }
        const scalars = scalarsOf(event);
        if (scalars !== null) file.write(seconds, scalars.step, scalars.values);
      },
      close: () => file?.close(),
    };
  });
}

/** TensorBoard looks for `tfevents` in the name. */
function fileName(seconds: number): string {
  return `events.out.tfevents.${Math.floor(seconds)}.${hostname()}.${process.pid}${SUFFIX}`;
}

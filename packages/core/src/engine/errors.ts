/** Errors of every engine. */
import { EddyError } from '@eddy/tensor/errors';
import type { EngineInfo } from '../contracts/engine.ts';

export function deviceAbsent({ name, description }: EngineInfo): EddyError {
  return new EddyError({
    code: 'DEVICE_ABSENT',
    message: `engine ${name} can only plan: it is configured for a device that is not present`,
    at: 'engine',
    expected: 'a device that is present',
    received: description,
    fix: 'use it to plan, `pipeline plan FILE`; to run, remove the engine option that names a device: `~engine.target`',
    exitCode: 2,
  });
}

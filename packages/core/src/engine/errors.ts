/** Errors of every engine. */
import { EddyError } from '@eddy/tensor/errors';
import type { EngineInfo } from '../contracts/engine.ts';

export function deviceAbsent({ name, description }: EngineInfo): EddyError {
  return new EddyError({
    code: 'DEVICE_ABSENT',
    message: `engine ${name} was made to plan for a device that is not here`,
    at: 'engine',
    expected: 'a device to run on',
    received: description,
    fix: 'plan with it, `pipeline plan FILE`; to run, leave out the option of the engine that names a device: `~engine.target`',
    exitCode: 2,
  });
}

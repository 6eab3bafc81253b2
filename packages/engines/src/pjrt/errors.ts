/** Errors of the compiling engines. */
import { EddyError } from '@eddy/tensor/errors';

export function devicesMissing(facts: {
  engine: string;
  asked: number;
  present: number;
}): EddyError {
  return new EddyError({
    code: 'DEVICES_MISSING',
    message: `engine ${facts.engine} has fewer devices than requested`,
    at: 'engine.devices',
    expected: `at most ${facts.present}`,
    received: String(facts.asked),
    fix: 'use all that exist: `engine.devices=all`',
  });
}

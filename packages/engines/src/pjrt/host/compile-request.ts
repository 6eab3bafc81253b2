/** What both hosts of compiling engines do with a request to compile. */
import { InternalError } from '@eddy/tensor/errors';

import type { Answers, ProgramCode } from '../../process/protocol.ts';
import type { CompiledProgram } from '../binding/compiled-program.ts';

export function stablehloOf(code: ProgramCode): Extract<ProgramCode, { kind: 'stablehlo' }> {
  if (code.kind !== 'stablehlo') throw new InternalError(`PJRT was given a ${code.kind}`);
  return code;
}

/** What a program takes while it runs, as far as the plugin tells. */
export function compiledBytes(
  compiled: CompiledProgram,
): Pick<Answers['compile'], 'argumentBytes' | 'outputBytes' | 'temporaryBytes'> {
  const memory = compiled.memory();
  if (memory === undefined) return {};
  const { argumentBytes, outputBytes, aliasBytes, temporaryBytes } = memory;
  return { argumentBytes, outputBytes: outputBytes - aliasBytes, temporaryBytes };
}

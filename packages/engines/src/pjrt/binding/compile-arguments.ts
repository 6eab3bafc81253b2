import { compileOptions } from './compile-options.ts';
import { addressOf } from './native-memory.ts';
import { PROGRAM } from './structs.ts';

/** One StableHLO module and how it is to be compiled, as fields of a call's arguments. */
export function compileArguments(text: string, devices: number) {
  const options = compileOptions(devices);
  const code = Buffer.from(text);
  const format = Buffer.from('mlir');
  const program = PROGRAM.create({
    code: addressOf(code),
    code_size: BigInt(code.length),
    format: addressOf(format),
    format_size: BigInt(format.length),
  });
  return {
    values: {
      program: addressOf(program.bytes),
      compile_options: addressOf(options),
      compile_options_size: BigInt(options.length),
    },
    pointedTo: [program, code, format, options],
  };
}

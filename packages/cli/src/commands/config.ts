import { printConfig } from '@eddy/core/config';

import { loadPipeline, type CommonOptions } from '../project/load.ts';

export async function configCommand(
  file: string,
  overrides: readonly string[],
  options: CommonOptions & { readonly origins: boolean },
): Promise<void> {
  const { value, originOf } = await loadPipeline(file, overrides, options);
  process.stdout.write(options.origins ? printConfig(value, originOf) : printConfig(value));
}

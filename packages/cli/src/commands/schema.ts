import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { pipelineJsonSchema } from '@eddy/core/run';

import { loadRegistry } from '../project/load.ts';

export async function schemaCommand(
  file: string | undefined,
  { output }: { readonly output?: string },
): Promise<void> {
  const schema = await pipelineJsonSchema(await loadRegistry(file));
  const text = `${JSON.stringify(schema, null, 2)}\n`;
  if (output === undefined) {
    process.stdout.write(text);
    return;
  }
  await mkdir(dirname(output), { recursive: true });
  await writeFile(output, text);
}

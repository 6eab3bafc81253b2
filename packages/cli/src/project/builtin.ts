/** The plugin packages that every pipeline has. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

export const BUILTIN = {
  names: [
    '@eddy/core',
    '@eddy/datasets',
    '@eddy/engines',
    '@eddy/evaluators',
    '@eddy/loggers',
    '@eddy/models',
    '@eddy/optimizers',
  ],
  folder: dirname(fileURLToPath(import.meta.url)),
} as const;

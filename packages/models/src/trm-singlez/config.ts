import { z } from 'zod';

import { tinyRecursiveOptions, tinyRecursiveProblems } from '../tiny-recursive/options.ts';

export const trmSinglezConfig = z.strictObject(tinyRecursiveOptions);

export type TrmSinglezConfig = z.output<typeof trmSinglezConfig>;

export { tinyRecursiveProblems as trmSinglezProblems };

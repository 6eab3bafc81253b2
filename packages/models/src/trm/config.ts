import { z } from 'zod';

import { tinyRecursiveOptions, tinyRecursiveProblems } from '../tiny-recursive/options.ts';

export const trmConfig = z.strictObject(tinyRecursiveOptions);

export type TrmConfig = z.output<typeof trmConfig>;

export { tinyRecursiveProblems as trmProblems };

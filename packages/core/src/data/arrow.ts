/**
 * The library that reads and writes Arrow files, as the one file that its package has beside the
 * hundred and fifty of its modules: loading those takes 75 ms, which every run would wait for, this 12.
 */
import { createRequire } from 'node:module';

import type * as Arrow from 'apache-arrow';

const require = createRequire(import.meta.url);

export const arrow = require('apache-arrow/Arrow.es2015.min') as typeof Arrow;

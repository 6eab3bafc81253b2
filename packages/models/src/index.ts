/** Public names of @eddy/models. */
export { createTrm } from './trm/model.ts';
export { trmConfig, type TrmConfig } from './trm/config.ts';
export type { TrmDataset } from './trm/parameters.ts';

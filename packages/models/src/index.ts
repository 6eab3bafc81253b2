/** Public names of @eddy/models. */
export type { DatasetSizes } from './network/sizes.ts';
export { createHrm } from './hrm/model.ts';
export { hrmConfig, type HrmConfig } from './hrm/config.ts';
export { createTransformer } from './transformer/model.ts';
export { transformerConfig, type TransformerConfig } from './transformer/config.ts';
export { createTrm } from './trm/model.ts';
export { trmConfig, type TrmConfig } from './trm/config.ts';
export { createTrmHier6 } from './trm-hier6/model.ts';
export { trmHier6Config, type TrmHier6Config } from './trm-hier6/config.ts';
export { createTrmSinglez } from './trm-singlez/model.ts';
export { trmSinglezConfig, type TrmSinglezConfig } from './trm-singlez/config.ts';

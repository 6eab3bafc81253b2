/** The models of @eddy/models. What they are made of is `@eddy/models/kit`. */
export type { DatasetSizes } from './kit/sizes.ts';
export { createHrm, hrmConfig, type HrmConfig } from './hrm/hrm.plugin.ts';
export {
  createTransformer,
  transformerConfig,
  type TransformerConfig,
} from './transformer/transformer.plugin.ts';
export { createTrm, trmConfig, type TrmConfig } from './trm/trm.plugin.ts';
export {
  createTrmHier6,
  trmHier6Config,
  type TrmHier6Config,
} from './trm-hier6/trm-hier6.plugin.ts';
export {
  createTrmSinglez,
  trmSinglezConfig,
  type TrmSinglezConfig,
} from './trm-singlez/trm-singlez.plugin.ts';

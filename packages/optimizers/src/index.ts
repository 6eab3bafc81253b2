/** Public names of @eddy/optimizers; the plugins themselves are subpath exports. */
export { AdamAtan2, type AdamAtan2Config } from './adam-atan2/adam-atan2.ts';
export { AdamW, type AdamWConfig } from './adamw/adamw.ts';
export { Ema } from './ema/ema.ts';
export { learningRateAt, type ScheduleConfig } from './schedule/schedule.ts';
export { SignSgd, type SignSgdConfig } from './sign-sgd/sign-sgd.ts';

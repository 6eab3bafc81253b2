/** The live page for run folders: `pipeline ui`. */
export { startUi, type Ui, type UiOptions } from './server/start-ui.ts';
export type { UiServices } from './server/http/context.ts';

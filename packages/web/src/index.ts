/** What a browser shows and runs, as seen from Node: packs models and writes pages. */
export type { ModelFacts, NamedIdentifier, WebExample, WebModel } from './model/web-model.ts';
export { encodeModel } from './model/model-file.ts';
export { checkModel } from './pack/check-model.ts';
export type { KeptIdentifiers } from './pack/kept-identifiers.ts';
export { packModel, type PackedModel, type PackModelOptions } from './pack/pack-model.ts';
export { solverPage, type SolverPage } from './pack/write-page.ts';

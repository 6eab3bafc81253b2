/** The solver as a component for other pages. Its style is `solver.css`, beside `components.css`. */
export { AskedModel, type WorkerFiles } from './engine/ask-worker.ts';
export { decodeModel } from './model/model-file.ts';
export type { WebModel } from './model/web-model.ts';
export { SolverApp, type SolverAppProps } from './solve/solver-app.tsx';

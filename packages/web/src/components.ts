/** Components for pages: what `@eddy/ui` and the exported page draw. */
export { BlankGrid } from './grid/blank-grid.tsx';

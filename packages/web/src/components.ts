/** Components for pages: what `@eddy/ui` and the exported page draw. Their style is `components.css`. */
export {
  boundsOf,
  gridStyle,
  type Area,
  type GridStyle,
  type TokenStyle,
} from '@eddy/puzzles/style';
export { Grid, type GridProps } from './grid/grid.tsx';
export { GridEditor, type GridEditorProps } from './grid/grid-editor.tsx';
export { GridThumbnail, type GridThumbnailProps } from './grid/grid-thumbnail.tsx';
export { differingCells, type CellFacts } from './grid/cell-state.ts';
export { StepPlayer, type StepPlayerProps } from './player/step-player.tsx';
export { playerArea, signed, stepViews, type PlayerStep } from './player/player-step.ts';

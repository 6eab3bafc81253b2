/** Loggers are named in pipelines; this is what other packages call directly. */
export { planScreen } from './console/plan-screen.ts';
export { countChanged, drawPuzzle, type PuzzleDrawing } from './puzzle/puzzle-drawing.ts';
export { styleFor, type Style } from './console/style.ts';
export { tableLines, type TableLayout } from './console/table.ts';
export { widthOf, wrapText } from './console/width.ts';
export { writeReportOfRun, type ReportOptions } from './report/report-of-run.ts';

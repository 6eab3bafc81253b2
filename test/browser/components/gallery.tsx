/** A page with every kind of grid, for the tests of the components: `components.browser.ts` bundles it. */
import { GridEditor, gridStyle, StepPlayer, type PlayerStep } from '@eddy/web/components';
import { render } from 'preact';
import { useState } from 'preact/hooks';

const digits = (text: string) => Uint8Array.from(text, (c) => (c === '.' ? 1 : Number(c) + 1));
const maze = (text: string) => Uint8Array.from(text, (c) => '# SGo'.indexOf(c) + 1);

/** A grid of colours in the corner of a canvas of 30 × 30. */
function arc(rows: readonly string[]): Uint8Array {
  const tokens = new Uint8Array(900);
  for (const [row, line] of rows.entries()) {
    for (const [col, colour] of [...line].entries()) tokens[row * 30 + col] = Number(colour) + 2;
    tokens[row * 30 + line.length] = 1;
  }
  return tokens;
}

const sure = (cells: ArrayLike<number>, of: (cell: number) => number) =>
  Array.from(cells, (_, cell) => of(cell));

const SUDOKU = {
  puzzle: digits('1..4..1.2..1.3..'),
  solution: digits('1324421324311342'),
};
const sudokuSteps: PlayerStep[] = ['1224421324311342', '1324421324311342', '1324421324311344'].map(
  (text, step) => ({
    cells: digits(text),
    probabilities: sure(SUDOKU.puzzle, (cell) => Math.min(1, 0.3 + 0.3 * step + cell / 40)),
    halt: step * 2.5 - 3,
  }),
);

const NINE = {
  puzzle: digits(
    '53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79',
  ),
  solution: digits(
    '534678912672195348198342567859761423426853791713924856961537284287419635345286179',
  ),
};
const nineSteps: PlayerStep[] = [0, 1, 2, 3].map((step) => ({
  cells: NINE.solution.map((token, cell) =>
    NINE.puzzle[cell] === 1 && (cell * 7 + step) % (4 + step * 3) === 0 ? 2 : token,
  ),
  probabilities: sure(NINE.puzzle, (cell) =>
    NINE.puzzle[cell]! > 1 ? 0.999 : Math.min(0.995, 0.35 + step * 0.2 + (cell % 7) / 30),
  ),
  halt: [-4.2, -2.1, 0.4, -0.3][step],
}));

const MAZE = {
  puzzle: maze('S   #' + ' ## #' + ' #   ' + ' # # ' + '   #G'),
  solution: maze('Soo #' + ' #o #' + ' #ooo' + ' # #o' + '   #G'),
};
const mazeSteps: PlayerStep[] = [
  { cells: maze('So  #' + ' ## #' + ' # oo' + ' # #o' + '   #G') },
  { cells: maze('Soo #' + ' #o #' + ' #ooo' + ' # #o' + '  o#G') },
].map((step, index) => ({
  ...step,
  probabilities: sure(step.cells, (cell) => (cell % 3 === index ? 0.5 : 0.98)),
}));

const ARC = {
  puzzle: arc(['0010', '0110', '2000']),
  solution: arc(['003000', '033000', '400000', '003000', '033000', '456789']),
};
const arcSteps: PlayerStep[] = [
  { cells: arc(['003000', '033000', '400000', '003300', '0330']), halt: -1 },
  { cells: arc(['003000', '033000', '400000', '003000', '033000', '456788']), halt: 1.2 },
].map((step) => ({
  ...step,
  probabilities: sure(step.cells, (cell) => (cell % 5 === 0 ? 0.4 : 1)),
}));

const NUMBERS = { puzzle: Uint8Array.of(0, 3, 17, 1, 0, 2, 250, 4, 9) };

function Editors() {
  const [sudoku, setSudoku] = useState<Uint8Array>(SUDOKU.puzzle);
  const [walls, setWalls] = useState<Uint8Array>(MAZE.puzzle);
  return (
    <>
      <GridEditor
        label="Sudoku to fill in"
        gridStyle={gridStyle('sudoku', 4, 4)}
        rows={4}
        cols={4}
        cells={sudoku}
        onCells={setSudoku}
      />
      <GridEditor
        label="Maze to draw"
        gridStyle={gridStyle('maze', 5, 5)}
        rows={5}
        cols={5}
        cells={walls}
        onCells={setWalls}
      />
    </>
  );
}

function Gallery() {
  const player = (label: string, task: string, side: number, data: object, steps: PlayerStep[]) => (
    <StepPlayer
      label={label}
      gridStyle={gridStyle(task, side, side)}
      rows={side}
      cols={side}
      {...(data as { puzzle: Uint8Array; solution?: Uint8Array })}
      steps={steps}
    />
  );
  return (
    <main>
      <h1>Grids</h1>
      <h2>Sudoku 9 × 9</h2>
      {player('Puzzle 9', 'sudoku', 9, NINE, nineSteps)}
      <h2>Sudoku 4 × 4</h2>
      {player('Puzzle 4', 'sudoku', 4, SUDOKU, sudokuSteps)}
      <h2>Maze, a model that does not halt</h2>
      {player('Maze', 'maze', 5, MAZE, mazeSteps)}
      <h2>ARC</h2>
      {player('Task', 'arc', 30, ARC, arcSteps)}
      <h2>Other tokens, without a solution</h2>
      {player('Numbers', 'lights-out', 3, NUMBERS, [{ cells: NUMBERS.puzzle }])}
      <h2>Editors</h2>
      <Editors />
    </main>
  );
}

render(<Gallery />, document.body);

import { existsSync, readFileSync, statSync } from 'node:fs';
import { text } from 'node:stream/consumers';

import { predictPuzzle, type Prediction, type PredictOptions } from '@eddy/core';
import { styleFor } from '@eddy/loggers';

import { BUILTIN } from '../builtin.ts';
import { puzzleMissing, puzzleTooLong } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { findPipeline } from '../find-pipeline.ts';
import { loadSettings, type CommonOptions } from '../load.ts';
import { predictionJson, predictionText } from '../render/prediction.ts';
import { withStopSignal } from '../stop-signal.ts';

/** No puzzle is larger. */
const MAX_TEXT_BYTES = 1 << 20;

export interface PredictCommandOptions extends CommonOptions {
  readonly example?: number;
  readonly split: string;
  readonly trace?: boolean;
  readonly steps?: number;
  readonly weights: 'average' | 'parameters';
  readonly engine?: string;
  readonly pipeline?: string;
  readonly json?: boolean;
}

export async function predictCommand(
  from: string,
  puzzle: string | undefined,
  options: PredictCommandOptions,
): Promise<number> {
  const { steps, weights, engine, pipeline } = options;
  const asked = await askedPuzzle(puzzle, options);
  const settings = await loadSettings(options);
  const prediction = await withStopSignal((stop) =>
    predictPuzzle({
      from,
      weights,
      puzzle: asked,
      overrides: engine === undefined ? [] : [`engine=${engine}`],
      ...(steps === undefined ? {} : { steps }),
      ...(pipeline === undefined ? {} : { pipeline: findPipeline(pipeline) }),
      builtin: BUILTIN,
      settings,
      stop,
      onEvents: (events$) =>
        events$.subscribe((event) => {
          if (event.type === 'message') process.stderr.write(`${event.text}\n`);
        }),
    }),
  );
  process.stdout.write(render(prediction, options));
  return EXIT.done;
}

function render(prediction: Prediction, { json, trace }: PredictCommandOptions): string {
  if (json === true) return `${JSON.stringify(predictionJson(prediction))}\n`;
  const style = styleFor(process.stdout, process.env);
  return predictionText(prediction, { trace: trace === true, style });
}

/** The argument itself, the file that it names, or standard input for `-`. */
async function askedPuzzle(
  puzzle: string | undefined,
  { example, split }: PredictCommandOptions,
): Promise<PredictOptions['puzzle']> {
  if (example !== undefined) return { split, example };
  if (puzzle === undefined) throw puzzleMissing();
  if (puzzle === '-') return limited(await text(process.stdin), 'standard input');
  if (existsSync(puzzle) && statSync(puzzle).isFile()) {
    if (statSync(puzzle).size > MAX_TEXT_BYTES) throw puzzleTooLong(puzzle);
    return { text: readFileSync(puzzle, 'utf8'), source: puzzle };
  }
  return limited(puzzle, 'argument');
}

function limited(content: string, source: string): PredictOptions['puzzle'] {
  if (content.length > MAX_TEXT_BYTES) throw puzzleTooLong(source);
  return { text: content, source };
}

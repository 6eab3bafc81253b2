import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';

import { predictPuzzles, type Prediction, type PredictOptions } from '@eddy/core/weights';
import { toJson } from '@eddy/core/report';
import { styleFor } from '@eddy/loggers';
import { readInputFile } from '@eddy/core/files';

import { BUILTIN } from '../project/builtin.ts';
import { puzzleMissing, puzzleTooLong } from './errors.ts';
import { EXIT } from '../process/exit-codes.ts';
import { findPipeline } from '../project/find-pipeline.ts';
import { loadSettings, type CommonOptions } from '../project/load.ts';
import { predictionJson, predictionsText } from '../render/prediction.ts';
import { sayMessages } from '../process/say-events.ts';
import { withStopSignal } from '../process/stop-signal.ts';

/** No puzzle is larger. */
const PUZZLE_LIMIT = { what: 'a file of one puzzle', maxBytes: 1 << 20 };

export interface PredictCommandOptions extends CommonOptions {
  readonly example?: number;
  readonly split: string;
  readonly identifier?: string;
  readonly trace?: boolean;
  readonly steps?: number;
  readonly weights: 'average' | 'parameters';
  readonly engine?: string;
  readonly pipeline?: string;
  readonly stage?: string;
  readonly which?: 'last' | 'best';
  readonly allowOtherModel?: boolean;
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
  const predictions = await withStopSignal((stop) =>
    predictPuzzles({
      from,
      weights,
      stage: options.stage,
      which: options.which,
      allowOtherModel: options.allowOtherModel,
      puzzle: asked,
      overrides: engine === undefined ? [] : [`engine=${engine}`],
      ...(steps === undefined ? {} : { steps }),
      ...(pipeline === undefined ? {} : { pipeline: findPipeline(pipeline) }),
      builtin: BUILTIN,
      settings,
      stop,
      onEvents: sayMessages,
    }),
  );
  process.stdout.write(render(predictions, options));
  return EXIT.done;
}

/** As JSON a line for each. */
function render(
  predictions: readonly Prediction[],
  { json, trace }: PredictCommandOptions,
): string {
  if (json === true) {
    return predictions.map((one) => `${toJson(predictionJson(one))}\n`).join('');
  }
  const style = styleFor(process.stdout, process.env);
  return predictionsText(predictions, { trace: trace === true, style });
}

/** The argument itself, the file that it names, or standard input for `-`. */
async function askedPuzzle(
  puzzle: string | undefined,
  { example, split, identifier }: PredictCommandOptions,
): Promise<PredictOptions['puzzle']> {
  if (example !== undefined) return { split, example };
  if (puzzle === undefined) throw puzzleMissing();
  const named = identifier === undefined ? {} : { identifier };
  if (puzzle === '-') return limited(await text(process.stdin), 'standard input', named);
  if (existsSync(puzzle)) {
    // Without a byte order mark, as from standard input.
    const content = new TextDecoder().decode(await readInputFile(puzzle, PUZZLE_LIMIT));
    return { text: content, source: puzzle, ...named };
  }
  return limited(puzzle, 'argument', named);
}

function limited(
  content: string,
  source: string,
  named: { readonly identifier?: string },
): PredictOptions['puzzle'] {
  if (content.length > PUZZLE_LIMIT.maxBytes) throw puzzleTooLong(source);
  return { text: content, source, ...named };
}

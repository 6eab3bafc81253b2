import { planPipeline } from '@eddy/core/run';
import { toJson } from '@eddy/core/report';
import { planScreen, styleFor, widthOf } from '@eddy/loggers';

import { BUILTIN } from '../project/builtin.ts';
import { EXIT } from '../process/exit-codes.ts';
import { findPipeline } from '../project/find-pipeline.ts';
import { loadSettings, type CommonOptions } from '../project/load.ts';
import { sayMessagesAndStages } from '../process/say-events.ts';
import { withStopSignal } from '../process/stop-signal.ts';

export async function planCommand(
  name: string,
  overrides: readonly string[],
  options: CommonOptions & { readonly json?: boolean },
): Promise<number> {
  const settings = await loadSettings(options);
  const plans = await withStopSignal((stop) =>
    planPipeline({
      file: findPipeline(name),
      overrides,
      builtin: BUILTIN,
      settings,
      stop,
      onEvents: sayMessagesAndStages,
    }),
  );
  process.stdout.write(
    options.json === true
      ? `${toJson(plans)}\n`
      : plans
          .map(
            (plan) =>
              `${planScreen(plan, styleFor(process.stdout, process.env), widthOf()).join('\n')}\n`,
          )
          .join('\n'),
  );
  return EXIT.done;
}

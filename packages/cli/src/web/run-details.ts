/** What a run says of a checkpoint of its own, for the page that shows the model. */
import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';

import { formatMetric, headlineOf, readJournal, type RunFolder } from '@eddy/core/report';
import { CHECKPOINTS_FOLDER } from '@eddy/core/checkpoint';

export type Detail = readonly [label: string, text: string];

/**
 * Returns the result of a checkpoint, and when and on which engine it was trained. Of several trainings each has
 * a folder by its name, and checkpoints of the same steps.
 */
export function runDetails(
  { manifest, journalPath }: Pick<RunFolder, 'manifest' | 'journalPath'>,
  { path, step }: { readonly path: string; readonly step?: number | undefined },
): Detail[] {
  const folder = basename(dirname(path));
  const training = folder === CHECKPOINTS_FOLDER ? undefined : folder;
  const events = existsSync(journalPath) ? readJournal(journalPath) : [];
  const headline = headlineOf(events);
  const measured = events.findLast(
    (event) =>
      event.type === 'evaluation-finished' && event.step === step && event.label === training,
  );
  const result =
    headline?.step === step && headline?.label === training
      ? headline?.text
      : measured?.type === 'evaluation-finished'
        ? `${metricsText(measured.metrics)} on ${measured.split}`
        : undefined;
  return [
    ...(result === undefined ? [] : [['Result', result] as const]),
    ['Trained', manifest.startedAt.slice(0, 10)],
    ...(manifest.engine === undefined ? [] : [['Engine', manifest.engine.name] as const]),
  ];
}

function metricsText(metrics: Readonly<Record<string, number>>): string {
  const name = 'exact_accuracy' in metrics ? 'exact_accuracy' : Object.keys(metrics)[0]!;
  return `${name} ${formatMetric(name, metrics[name]!)}`;
}

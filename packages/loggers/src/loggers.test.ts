import { PassThrough } from 'node:stream';

import { loggerSuite } from '@eddy/core/testing';

import { createConsoleLogger, type ConsoleFormat } from './console/console-logger.ts';
import { createCsvLogger } from './csv/csv-logger.ts';
import { createMlflowLogger } from './mlflow/mlflow-logger.ts';
import { createReportLogger } from './report/report-logger.ts';
import { createTensorboardLogger } from './tensorboard/tensorboard-logger.ts';
import { createWandbLogger } from './wandb/wandb-logger.ts';
import { createWandbOfflineLogger } from './wandb-offline/wandb-offline-logger.ts';

for (const format of ['live', 'plain', 'json'] satisfies ConsoleFormat[]) {
  loggerSuite(`console, ${format}`, () =>
    createConsoleLogger({ format, interval: 1 }, new PassThrough().resume(), {}),
  );
}
loggerSuite('tensorboard', createTensorboardLogger);
loggerSuite('wandb-offline', (runFolder) => createWandbOfflineLogger({ project: 'p' }, runFolder));
loggerSuite('report', (runFolder) => createReportLogger(runFolder, () => undefined));
loggerSuite('csv', createCsvLogger);
loggerSuite('mlflow', (runFolder) =>
  createMlflowLogger(
    { trackingUri: 'http://127.0.0.1:9', experiment: 'e', timeoutSeconds: 1 },
    { runFolder, offline: false, notify: () => undefined },
  ),
);
loggerSuite('wandb', (runFolder) =>
  createWandbLogger(
    { project: 'p', mode: 'auto', timeoutSeconds: 1 },
    { runFolder, offline: true, notify: () => undefined },
  ),
);

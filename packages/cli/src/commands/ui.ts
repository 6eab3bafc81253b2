import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { toJson } from '@eddy/core/report';
import { startUi, type UiServices } from '@eddy/ui';

import { openBrowser } from '../process/open-browser.ts';
import { WebModelFiles } from '../web/web-model-files.ts';
import { usageInvalid } from './errors.ts';

interface UiCommandOptions {
  readonly port: number;
  readonly host: string;
  /** undefined: only where there is a terminal and a display. */
  readonly open?: boolean;
  readonly json?: boolean;
}

/** Folders that `pipeline run` and `pipeline sweep` write into. */
const DEFAULT_FOLDERS = ['runs', 'sweeps'];

/** Serves until SIGINT or SIGTERM. */
export async function uiCommand(
  folder: string | undefined,
  { port, host, open, json }: UiCommandOptions,
): Promise<void> {
  const folders = folder === undefined ? DEFAULT_FOLDERS.filter(existsSync) : [folder];
  if (folders.length === 0) {
    throw usageInvalid('FOLDER', 'is missing: there is no runs/ here', 'pipeline ui FOLDER');
  }
  const models = new WebModelFiles();
  const services = { ...SERVICES, webModel: (runFolder: string) => models.of(runFolder) };
  const ui = await startUi({ folders, port, host, version: version(), services });
  if (json === true) process.stdout.write(`${toJson({ url: ui.url, folders })}\n`);
  else process.stdout.write(`${ui.url}\n\nshows ${folders.join(', ')}; Ctrl-C ends it\n`);
  if (open ?? (json !== true && hasDisplay())) openBrowser(ui.url);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  await ui.close();
  models.close();
}

const SERVICES: Omit<UiServices, 'webModel'> = {
  // Loaded when it is asked for: it brings the machinery of pipelines with it.
  explain: async (configPath) => {
    const { explainConfig } = await import('./why.ts');
    return explainConfig(configPath);
  },
  versions: async (configPath, example) => {
    const { versionsOfExample } = await import('./example-versions.ts');
    return versionsOfExample(configPath, example);
  },
  pipelineCommand: [
    process.execPath,
    fileURLToPath(new URL('../../bin/pipeline.js', import.meta.url)),
  ],
};

function hasDisplay(): boolean {
  if (!process.stdout.isTTY || process.env['CI'] !== undefined) return false;
  if (process.platform !== 'linux') return true;
  return process.env['DISPLAY'] !== undefined || process.env['WAYLAND_DISPLAY'] !== undefined;
}

function version(): string {
  const manifest = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}

import { installEngine, probeEngines } from '@eddy/installer';

import { loadSettings, type CommonOptions } from '../project/load.ts';
import { renderTable } from '../render/table.ts';

export async function enginesCommand(): Promise<void> {
  const { cacheFolder } = await loadSettings();
  const rows = (await probeEngines({ cacheFolder })).map((row) => [
    row.name,
    row.available ? 'yes' : 'no',
    row.available ? row.description : `${row.gap ?? row.description}`,
    row.fix ?? '',
  ]);
  process.stdout.write(renderTable(['ENGINE', 'HERE', 'WHAT', 'FIX'], rows));
}

export async function installCommand(name: string, options: CommonOptions): Promise<void> {
  const { cacheFolder, offline } = await loadSettings(options);
  const installed = await installEngine(name, {
    cacheFolder,
    offline,
    notify: (_level, text) => process.stderr.write(`${text}\n`),
  });
  process.stdout.write(`${installed.pluginVersion}\n${installed.pluginPath}\n`);
}

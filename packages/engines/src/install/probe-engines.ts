import { hasFastBfloat16, machine } from '../pjrt/machine.ts';
import { findCudaPlugin } from './find-cuda.ts';
import { findNvidiaGpu } from './gpu.ts';
import { findInstalled } from './install-engine.ts';
import { hasPip } from './pip.ts';
import { ENGINE_SOURCES, platformKey } from './sources.ts';

/** One row of `pipeline engines` and `pipeline doctor`. */
export interface EngineRow {
  readonly name: string;
  readonly available: boolean;
  readonly description: string;
  /** What is missing. */
  readonly gap?: string;
  /** The one command that mends it. */
  readonly fix?: string;
}

/** What could run here, without loading or downloading anything. */
export async function probeEngines(options: {
  readonly cacheFolder: string;
}): Promise<readonly EngineRow[]> {
  return [
    await probeXlaCpu(options.cacheFolder),
    await probeXlaCuda(options.cacheFolder),
    {
      name: 'wasm',
      available: true,
      description: 'TF.js WebAssembly, op by op: the fallback that needs nothing outside npm',
    },
    {
      name: 'cpu',
      available: true,
      description: 'TF.js in plain JavaScript, op by op: the slow oracle',
    },
  ];
}

async function probeXlaCpu(cacheFolder: string): Promise<EngineRow> {
  const name = 'xla-cpu';
  const source = ENGINE_SOURCES[name];
  const { cores } = machine();
  const precision = hasFastBfloat16() ? 'bfloat16 dots' : 'float32';
  const installed = await findInstalled(name, cacheFolder);
  if (installed !== null) {
    const description = `XLA compiler for ${cores} cores, ${precision} (${installed.pluginVersion})`;
    return { name, available: true, description };
  }
  const description = `XLA compiler for ${cores} cores, ${precision}: the default engine`;
  const wheel = Object.entries(source.wheels).find(([platform]) => platform === platformKey());
  if (wheel === undefined) {
    const platforms = Object.keys(source.wheels).join(', ');
    const gap = `${source.package} is built for ${platforms}, this is ${platformKey()}`;
    return { name, available: false, description, gap };
  }
  if (!(await hasPip())) {
    const gap = "not installed, and Python's pip, which fetches it, was not found";
    return { name, available: false, description, gap, fix: 'apt install python3-pip' };
  }
  const megabytes = Math.round(wheel[1].sizeBytes / 1e6);
  const gap = `not installed (${megabytes} MB; done by itself at first use unless offline)`;
  return { name, available: false, description, gap, fix: `pipeline engines install ${name}` };
}

async function probeXlaCuda(cacheFolder: string): Promise<EngineRow> {
  const name = 'xla-cuda';
  const gpu = findNvidiaGpu();
  const plugin = await findCudaPlugin(cacheFolder).catch(() => null);
  if (gpu === null) {
    const description = 'XLA compiler for NVIDIA GPUs';
    return { name, available: false, description, gap: 'no NVIDIA GPU found' };
  }
  const driver = gpu.driverVersion === null ? '' : `, driver ${gpu.driverVersion}`;
  const description = `XLA compiler for NVIDIA GPUs${driver}`;
  if (plugin !== null) {
    return { name, available: true, description: `${description} (${plugin.pluginVersion})` };
  }
  const gap = 'a GPU is there, the plugin is not';
  return {
    name,
    available: false,
    description,
    gap,
    fix: `pipeline engines install ${gpu.engine}`,
  };
}

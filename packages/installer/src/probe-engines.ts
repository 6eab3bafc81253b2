import { findAccelerators, type Accelerator } from './accelerators.ts';
import { hasFastBfloat16, machine } from './machine.ts';
import { findCudaPlugin } from './find-cuda.ts';
import { findNvidiaGpu } from './gpu.ts';
import { findTensorflow } from './find-tensorflow.ts';
import { findInstalled, hasCompiler } from './install-engine.ts';
import { hasPip } from './pip.ts';
import { ENGINE_SOURCES, platformKey } from './sources.ts';
import type { EngineSource } from './engine-source.ts';

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
    await probeTensorflow(options.cacheFolder),
    ...findAccelerators().map(probePjrt),
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
  const { cores } = machine();
  const precision = hasFastBfloat16() ? 'bfloat16 dots' : 'float32';
  const installed = await findInstalled(name, cacheFolder);
  if (installed !== null) {
    const description = `XLA compiler for ${cores} cores, ${precision} (${installed.pluginVersion})`;
    return { name, available: true, description };
  }
  const description = `XLA compiler for ${cores} cores, ${precision}: the default engine`;
  const hint = 'installed automatically at first use unless offline';
  return { name, available: false, description, ...(await obstacle(name, hint)) };
}

/** What stands between this machine and an engine that is not installed, with the command that mends it. */
async function obstacle(
  name: keyof typeof ENGINE_SOURCES,
  hint: string,
): Promise<Pick<EngineRow, 'gap' | 'fix'>> {
  const source: EngineSource = ENGINE_SOURCES[name];
  const packages = source.packages[platformKey()];
  if (packages === undefined) {
    const platforms = Object.keys(source.packages).join(', ');
    return { gap: `it is built for ${platforms}, this is ${platformKey()}` };
  }
  if (!(await hasPip())) {
    const gap = "not installed, and Python's pip, which fetches it, was not found";
    return { gap, fix: 'apt install python3-pip' };
  }
  if (source.build !== undefined && !(await hasCompiler(source.build.compiler))) {
    const { compiler } = source.build;
    const gap = `not installed, and ${compiler}, which builds its binding, was not found`;
    return { gap, fix: `apt install ${compiler}` };
  }
  const bytes = packages.reduce((total, { sizeBytes }) => total + sizeBytes, 0);
  const gap = `not installed (${Math.round(bytes / 1e6)} MB; ${hint})`;
  return { gap, fix: `pipeline engines install ${name}` };
}

const { name: cuda13, version } = ENGINE_SOURCES.cuda13.packages['linux-x64'][0];
/** The plugin that wants a driver of CUDA 13. */
const CUDA_13 = `${cuda13} ${version}`;

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
  const isTooNew =
    gpu.driverVersion !== null && gpu.engine === 'cuda12' && plugin?.pluginVersion === CUDA_13;
  if (plugin !== null && !isTooNew) {
    return { name, available: true, description: `${description} (${plugin.pluginVersion})` };
  }
  const gap = isTooNew
    ? `its driver is too old for the plugin that is installed, ${CUDA_13}`
    : 'a GPU is present, but the plugin is not installed';
  return {
    name,
    available: false,
    description,
    gap,
    fix: `pipeline engines install ${gpu.engine}`,
  };
}

/** Says which plugin would use an accelerator that Eddy does not fetch plugins for. */
function probePjrt({ name, package: plugin }: Accelerator): EngineRow {
  return {
    name: 'pjrt',
    available: false,
    description: `any PJRT plugin; for this ${name}: ${plugin}, untested`,
    gap: `this ${name} needs the Python package ${plugin} (untested)`,
    fix: `python3 -m pip install ${plugin}, then \`engine: { use: pjrt, plugin: ${plugin} }\``,
  };
}

async function probeTensorflow(cacheFolder: string): Promise<EngineRow> {
  const name = 'tensorflow';
  const description = "TensorFlow through TF.js's own binding, op by op";
  const found = await findTensorflow(cacheFolder);
  if (found !== null) {
    return { name, available: true, description: `${description} (${found.pluginVersion})` };
  }
  const engine = findNvidiaGpu() === null ? 'tensorflow' : 'tensorflow-gpu';
  return {
    name,
    available: false,
    description,
    ...(await obstacle(engine, 'optional')),
  };
}

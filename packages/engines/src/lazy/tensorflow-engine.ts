import type { HostedEngine } from '../process/hosted-engine.ts';
import type { TensorflowEngineOptions } from '../tensorflow/tensorflow-engine.ts';
import { refuseHosts } from '../hosts/index.ts';

/**
 * As the function of this name, but loads it, and TF.js with it, only when called.
 *
 * @throws HOSTS_UNSUPPORTED
 */
export async function createTensorflowEngine(
  options: TensorflowEngineOptions,
): Promise<HostedEngine> {
  await refuseHosts('engine tensorflow');
  const module = await import('../tensorflow/tensorflow-engine.ts');
  return module.createTensorflowEngine(options);
}

/** The TF.js backends of a page: WebAssembly, and WebGPU where there is one. */
import { env, removeBackend, setBackend } from '@tensorflow/tfjs-core';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-backend-webgpu';

export type BackendName = 'wasm' | 'webgpu';

/** Thrown where a browser cannot run models. */
class NoBackendError extends Error {}

/** TF.js asks for all three names and reads the second. */
const WASM_FILES = {
  'tfjs-backend-wasm.wasm': '-',
  'tfjs-backend-wasm-simd.wasm': 'simd',
  'tfjs-backend-wasm-threaded-simd.wasm': '-',
} as const;

/**
 * Starts WebAssembly from bytes that the page has, so that nothing is fetched.
 *
 * @throws NoBackendError
 */
export async function startWasm(binary: Uint8Array<ArrayBuffer>): Promise<void> {
  // Threads need headers that a file has not.
  env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  if (!(await env().getAsync('WASM_HAS_SIMD_SUPPORT'))) {
    throw new NoBackendError('this browser has no WebAssembly with SIMD: update it');
  }
  const own = env().platform;
  env().platform = Object.assign(Object.create(own) as typeof own, {
    fetch: () => Promise.resolve(new Response(binary)),
  });
  setWasmPaths(WASM_FILES, true);
  if (!(await setBackend('wasm'))) throw new NoBackendError('WebAssembly did not start');
}

/** Starts WebGPU; returns false where there is none, or none that works. */
export async function startWebgpu(): Promise<boolean> {
  const { gpu } = navigator as { gpu?: { requestAdapter(): Promise<unknown> } };
  if (gpu === undefined) return false;
  try {
    if (!(await gpu.requestAdapter())) return false;
    // Numbers stay on the GPU, so that its results are compared and not the host's.
    env().set('WEBGPU_CPU_FORWARD', false);
    return await setBackend('webgpu');
  } catch {
    removeBackend('webgpu');
    return false;
  }
}

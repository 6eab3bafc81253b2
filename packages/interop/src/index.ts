/** Public names of @eddy/interop, listed one by one. */
export { readTorchFile, type TorchFile } from './torch/read-torch-file.ts';

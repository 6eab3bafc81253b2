/** Finds a Python that has PyTorch: `EDDY_PYTHON`, else `python3`. */
import { spawnSync } from 'node:child_process';

/** @returns {{ python: string } | { missing: string }} */
export function findTorch() {
  const python = process.env['EDDY_PYTHON'] ?? 'python3';
  const probe = spawnSync(python, ['-c', 'import torch, safetensors'], { encoding: 'utf8' });
  if (probe.status === 0) return { python };
  const reason = (probe.stderr ?? '').trim().split('\n').at(-1) || `cannot run ${python}`;
  return { missing: `PyTorch is absent (${reason}); set EDDY_PYTHON to a Python that has it` };
}

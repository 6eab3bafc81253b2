import { usageInvalid } from './errors.ts';
import { sweepCommand, type SweepOptions } from './sweep.ts';

/** Options of `run` that say nothing about a sweep. */
const OF_ONE_RUN = ['runDir', 'force', 'from', 'until'] as const;

/** `run -m`, for those who know it from Hydra: `sweep` with its defaults. */
export async function multirunCommand(
  file: string,
  overrides: readonly string[],
  options: SweepOptions & { readonly [key in (typeof OF_ONE_RUN)[number]]?: unknown },
): Promise<number> {
  const odd = OF_ONE_RUN.find((name) => options[name] !== undefined);
  if (odd !== undefined) {
    const flag = odd.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw usageInvalid(`--${flag}`, 'is for one run', 'leave it out, or use `pipeline sweep`');
  }
  return sweepCommand(file, overrides, options);
}

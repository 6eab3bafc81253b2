/** The folders of a run's evaluations. */
import { readdirSync, readFileSync, statSync } from 'node:fs';

import { evaluationSet } from '@eddy/core/report';

import { fileInside } from './find-runs.ts';

/** What a folder of evaluations is called: the step, then whose weights and by which stage. */
const NAME = /^step-\d{1,12}(-[\w.-]{1,100})?$/;
const MAX_BYTES = 1 << 20;

export interface EvaluationFolder {
  /** Name of the folder. */
  readonly key: string;
  /** Absolute. */
  readonly path: string;
  readonly step: number;
  readonly split: string;
  readonly set: string;
  readonly examples: number;
}

/** Returns the finished evaluations of a run, by step. */
export function evaluationFolders(runPath: string): EvaluationFolder[] {
  const folder = fileInside(runPath, 'evaluations');
  if (folder === undefined) return [];
  return readdirSync(folder)
    .flatMap((key) => evaluationFolder(runPath, key) ?? [])
    .sort((a, b) => a.step - b.step || (a.key < b.key ? -1 : 1));
}

/** Returns the finished evaluation of a folder's name; undefined where there is none. */
export function evaluationFolder(runPath: string, key: string): EvaluationFolder | undefined {
  if (!NAME.test(key)) return undefined;
  // Written last: an evaluation with metrics is whole.
  const file = fileInside(runPath, 'evaluations', key, 'metrics.json');
  const path = fileInside(runPath, 'evaluations', key);
  if (file === undefined || path === undefined || statSync(file).size > MAX_BYTES) return undefined;
  try {
    const { step, split, label, examples } = JSON.parse(readFileSync(file, 'utf8')) as {
      step: unknown;
      split: unknown;
      label?: unknown;
      examples: unknown;
    };
    if (typeof step !== 'number' || typeof split !== 'string') return undefined;
    const set = evaluationSet({ split, ...(typeof label === 'string' ? { label } : {}) });
    return { key, path, step, split, set, examples: Number(examples) };
  } catch {
    return undefined;
  }
}

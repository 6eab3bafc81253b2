/** Every operation, value and gradient, exported to ONNX and run by ONNX Runtime. */

import { EddyError } from '@eddy/tensor/errors';
import { sharedFolder } from '@eddy/core/testing';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { onnxRuntimeGap, readOnnxOutputs, runOnnxCases, writeOnnxCase } from './onnx-runtime.ts';
import {
  checkOp,
  gapOf,
  opCases,
  opInputs,
  opProgram,
  partsOf,
  TFJS_GRADIENT_GAPS,
  type OpCase,
} from '@eddy/compiler/testing';
import { exportOnnx } from '@eddy/compiler/onnx';

/** Operations that have no place in a supervision step, and that ONNX has no operator for. */
const UNSUPPORTED: ReadonlySet<string> = new Set([
  'atan2',
  'reduceWindow',
  'scatterRows',
  'selectAndScatter',
]);

/** ONNX leaves to the runtime what ReduceMax and ReduceMin make of NaN; ONNX Runtime passes over it. */
const NAN_CASES: ReadonlySet<string> = new Set([
  'max, NaN',
  'min, NaN',
  'argMax, NaN counts as extreme',
  'argMin, NaN counts as extreme',
]);

const cases = opCases
  .flatMap((opCase) => partsOf(opCase).map((part) => ({ opCase, part })))
  .filter(({ opCase, part }) => part !== 'finite differences' && !NAN_CASES.has(nameOf(opCase)))
  .filter(({ opCase, part }) => gapOf(TFJS_GRADIENT_GAPS, opCase, part) === undefined)
  .map((one, i) => ({ ...one, id: `case-${i}` }));

function nameOf({ op, name }: OpCase): string {
  return `${op}, ${name}`;
}

/** Of any case; what one lacks is not asked for. */
const MOST_RESULTS = 16;

const gap = onnxRuntimeGap();
const folder = sharedFolder();
const refused = new Map<string, EddyError>();

describe('operations in ONNX', () => {
  beforeAll(async () => {
    if (gap !== undefined) return;
    for (const { id, opCase, part } of cases) {
      const program = opProgram(opCase, { gradient: part === 'gradient' });
      const names = Array.from({ length: MOST_RESULTS }, (_, i) => [`value.${i}`, `gradient.${i}`]);
      const outputs = Object.fromEntries(names.flat().map((name) => [name, name]));
      try {
        const model = exportOnnx(program, { weights: {}, outputs, metadata: {} });
        await writeOnnxCase(folder.path, id, model, opInputs(opCase));
      } catch (error) {
        if (!(error instanceof EddyError)) throw error;
        refused.set(id, error);
      }
    }
    runOnnxCases(folder.path);
  });

  beforeEach(({ skip }) => skip(gap !== undefined, gap));

  it.each(cases.map((one) => [`${nameOf(one.opCase)}: ${one.part}`, one] as const))(
    '%s',
    async (_name, { id, opCase, part }) => {
      const error = refused.get(id);
      if (error !== undefined) {
        expect(error.code).toBe('ONNX_UNSUPPORTED_OP');
        expect(UNSUPPORTED).toContain(error.facts.received);
        return;
      }
      const target = { name: 'onnx', run: () => readOnnxOutputs(folder.path, id) };
      expect(await checkOp(opCase, part, target)).toBeUndefined();
    },
  );
});

import { readFileSync, writeFileSync } from 'node:fs';

import { adviceFor, isTraced, LEFT_OUT } from '@eddy/compiler/engine';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { describe, expect, it } from 'vitest';

import { kernelMissing } from '../eager/errors.ts';

import { compatibilityPage, kernelNames } from './compatibility.ts';

const PAGE = new URL('../../../../docs/compatibility.md', import.meta.url);

it('docs/compatibility.md says what the suites assert', () => {
  const page = compatibilityPage();
  if (process.env['EDDY_WRITE_DOCS'] === '1') writeFileSync(PAGE, page);
  expect(readFileSync(PAGE, 'utf8')).toBe(page);
});

describe('advice about kernels that are left out', () => {
  it('is there for each kernel that is not traced, and for no other', () => {
    const untraced = kernelNames().filter((name) => !isTraced(name));
    expect(Object.keys(LEFT_OUT).sort()).toEqual(untraced.sort());
  });

  it.each(Object.entries(LEFT_OUT))('%s: names what works', (name, { because, instead }) => {
    expect(because).not.toBe('');
    const { operations, engine, how } = instead;
    expect([operations, engine, how].filter((part) => part !== undefined)).not.toEqual([]);
    for (const operation of operations ?? []) {
      const found = operation
        .split('.')
        .reduce<unknown>((place, part) => (place as Record<string, unknown>)[part], tf);
      expect(found, `tf.${operation}`).toBeTypeOf('function');
    }
    if (engine !== undefined) expect(tf.getKernel(name, engine)).toBeDefined();
  });

  it.each(Object.keys(LEFT_OUT))('%s: engines do not send each other the user', (name) => {
    const missing = kernelMissing({ kernel: name, engine: 'wasm', program: 'p', cause: undefined });
    expect(missing.facts.fix).toBe(adviceFor(name));
    expect(missing.facts.fix).not.toMatch(/xla|wasm/);
  });

  it('sends the user of an eager engine to a compiling one for what that has', () => {
    const missing = kernelMissing({ kernel: 'Einsum', engine: 'wasm', program: 'p', cause: null });
    expect(missing.facts.fix).toContain('xla-cpu');
  });
});

/** The models of docs/guides/write-a-model.md: what the page shows, and the suite that all models pass. */
import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { modelSuite } from '@eddy/core/testing';
import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

import { GUIDE_MODELS } from '../conformance/guide-models.ts';

const guides = resolve(import.meta.dirname, '../../docs/guides');
const beside = join(guides, 'write-a-model');
/** What `pipeline new model` writes. */
const template = resolve(import.meta.dirname, '../../packages/cli/templates/model');

beforeAll(() => setBackend('cpu'));

describe('docs/guides/write-a-model.md', () => {
  it('shows each of its files as it is', () => {
    const page = readFileSync(join(guides, 'write-a-model.md'), 'utf8');
    const files = [
      ...readdirSync(beside).map((name) => join(beside, name)),
      ...['three-latents.ts', 'three-latents.test.ts'].map((name) => join(template, name)),
    ];
    expect(files).toHaveLength(7);
    for (const file of files) {
      const language = file.endsWith('.ts') ? 'ts' : 'yaml';
      const text = readFileSync(file, 'utf8');
      expect(page, file).toContain(`\`\`\`${language}\n${text}\`\`\``);
    }
  });
});

for (const suite of Object.values(GUIDE_MODELS)) modelSuite(suite);

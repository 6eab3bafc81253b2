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

beforeAll(() => setBackend('cpu'));

describe('docs/guides/write-a-model.md', () => {
  it('shows each of its files as it is', () => {
    const page = readFileSync(join(guides, 'write-a-model.md'), 'utf8');
    const files = readdirSync(join(guides, 'write-a-model'));
    expect(files).toHaveLength(6);
    for (const name of files) {
      const language = name.endsWith('.ts') ? 'ts' : 'yaml';
      const text = readFileSync(join(guides, 'write-a-model', name), 'utf8');
      expect(page, name).toContain(`\`\`\`${language}\n${text}\`\`\``);
    }
  });
});

for (const suite of Object.values(GUIDE_MODELS)) modelSuite(suite);

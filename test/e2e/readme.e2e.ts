/** What the README and the recipes show is what the command line takes. */
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { Workplace } from './eddy-cli.ts';

const root = resolve(import.meta.dirname, '../..');
const readme = readFileSync(resolve(root, 'README.md'), 'utf8');

let place: Workplace;
beforeEach(() => {
  place = new Workplace();
});
afterEach(() => place.remove());

describe('the README', () => {
  it('shows a pipeline that is valid', () => {
    const [, text] = /```yaml\n([^]*?)```/.exec(readme)!;
    const { status, stderr } = place.eddy('validate', place.write('my-sudoku.yml', text!));
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  it('lists every recipe', () => {
    for (const file of readdirSync(resolve(root, 'pipelines'))) {
      if (file.endsWith('.yml')) expect(readme).toContain(`pipelines/${file}`);
    }
  });
});

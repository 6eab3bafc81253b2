import { readFileSync, writeFileSync } from 'node:fs';

import { expect, it } from 'vitest';

import { compatibilityPage } from './compatibility.ts';

const PAGE = new URL('../../../../docs/compatibility.md', import.meta.url);

it('docs/compatibility.md says what the suites assert', () => {
  const page = compatibilityPage();
  if (process.env['EDDY_WRITE_DOCS'] === '1') writeFileSync(PAGE, page);
  expect(readFileSync(PAGE, 'utf8')).toBe(page);
});

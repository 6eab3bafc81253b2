import { expect, it } from 'vitest';

import { driverVersionIn } from './gpu.ts';

it.each([
  [
    'closed',
    'NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01  Sun May 12 19:39:15 UTC 2024\n' +
      'GCC version:  gcc version 12.3.0 (Ubuntu 12.3.0-1ubuntu1~22.04)\n',
    '535.183.01',
  ],
  [
    'open',
    'NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build  ' +
      '(dvs-builder@U22-I3-AE18-23-3)  Sun Jul 27 07:10:07 UTC 2025\n' +
      'GCC version:  gcc version 13.3.0 (Ubuntu 13.3.0-6ubuntu2~24.04)\n',
    '580.65.06',
  ],
  [
    'open on Arm',
    'NVRM version: NVIDIA UNIX Open Kernel Module for aarch64  570.124.06  Release Build\n',
    '570.124.06',
  ],
])('reads the version of the %s driver', (_kind, text, version) => {
  expect(driverVersionIn(text)).toBe(version);
});

it('has none where the file says something else', () => {
  expect(driverVersionIn('NVRM version: 580\n')).toBeNull();
});

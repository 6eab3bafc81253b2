import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { defineConfig } from 'vitest/config';

import { isLong } from './test/counts.ts';

/** Tests read the packages' sources (condition `@eddy/source`), users read `dist`. */
const source = { conditions: ['@eddy/source'] };

const LONG_MS = 6 * 3_600_000;

/** Two on two cores: tests that start processes wait for them most of the time. */
const maxWorkers = 2;

/**
 * A lane. Those of one `order` share the workers; before the next order begins all of them have ended, because its
 * tests rewrite what the others run from (`spanning` builds), or wait for what a person would (`browser`).
 */
const lane = (
  name: string,
  options: {
    include: string[];
    exclude?: string[];
    timeoutMs: number;
    order: number;
    needsBuild?: boolean;
    sharesModules?: boolean;
  },
) => ({
  resolve: source,
  ssr: { resolve: source },
  test: {
    name,
    include: options.include,
    exclude: ['**/node_modules/**', ...(options.exclude ?? [])],
    // Tests of the long form try all they do up to fifty times as often.
    testTimeout: isLong ? LONG_MS : options.timeoutMs,
    hookTimeout: isLong ? LONG_MS : options.timeoutMs,
    environment: 'node' as const,
    // Tests train to see it done: what one of them has trained must not stand for the training of another.
    env: { EDDY_REUSE_TRAINING: '0' },
    // TF.js' cpu backend advertises another one, once in each test file.
    onConsoleLog: (log: string) =>
      !log.includes('looks like you are running TensorFlow.js in Node'),
    maxWorkers,
    isolate: options.sharesModules !== true,
    globalSetup: [
      './test/build-tfjs.ts',
      ...(options.needsBuild === true ? ['./test/build-packages.ts'] : []),
    ],
    sequence: { groupOrder: options.order },
  },
});

const UNIT_TESTS = [
  'packages/*/src/**/*.test.ts',
  'packages/cli/templates/*/*.test.ts',
  'test/reporters/*.test.ts',
  'test/fixes/*.fixes.ts',
];

const mockingTests = ['packages', 'test/fixes']
  .flatMap((folder) =>
    readdirSync(join(import.meta.dirname, folder), { recursive: true, encoding: 'utf8' }).map(
      (file) => `${folder}/${file}`,
    ),
  )
  .filter((file) => /^packages\/[^/]+\/src\/.*\.test\.ts$|\.fixes\.ts$/.test(file))
  .filter((file) => readFileSync(join(import.meta.dirname, file), 'utf8').includes('vi.mock('));

export default defineConfig({
  test: {
    reporters: ['default', './test/reporters/closing-line.ts'],
    projects: [
      /** Beside the source: no engine, seconds. */
      lane('unit', {
        include: UNIT_TESTS,
        exclude: mockingTests,
        timeoutMs: 60_000,
        order: 0,
        sharesModules: true,
      }),
      /** Those that mock a module, which nobody may have loaded before them. */
      lane('unit-mocks', { include: mockingTests, timeoutMs: 60_000, order: 0 }),
      /** Each installed engine against the oracle; an absent one is skipped with its reason. */
      lane('engine', {
        include: ['packages/*/src/**/*.engine-test.ts', 'test/conformance/*.engine-test.ts'],
        timeoutMs: 300_000,
        order: 1,
        needsBuild: true, // the engine process runs from dist
      }),
      /** Numbers that the PyTorch reference produced. */
      lane('parity', {
        include: ['test/parity/**/*.parity.ts'],
        timeoutMs: 300_000,
        order: 1,
        needsBuild: true, // the engine process runs from dist
      }),
      /** What spans packages: boundaries, documentation, interoperability, packaging. */
      lane('spanning', {
        include: ['test/{boundaries,conformance,docs,interop,packaging,scripts}/**/*.test.ts'],
        timeoutMs: 600_000,
        order: 2,
        needsBuild: true,
      }),
      /** Damaged files for every reader; less than a minute. */
      lane('fuzz', {
        include: ['test/fuzz/**/*.fuzz.ts'],
        timeoutMs: 300_000,
        order: 1,
      }),
      /** The built command line in a temporary folder. */
      lane('e2e', {
        include: ['test/e2e/**/*.e2e.ts'],
        timeoutMs: 600_000,
        order: 1,
        needsBuild: true,
      }),
      /** What people do: commands, files and environments as they have them. */
      lane('field', {
        include: ['test/field/**/*.field.ts'],
        timeoutMs: 300_000,
        order: 4,
        needsBuild: true, // terminals and hang-ups need processes
      }),
      /** Kills, full disks, damaged files. */
      lane('faults', {
        include: ['test/faults/**/*.faults.ts'],
        timeoutMs: 900_000,
        order: 1,
        needsBuild: true,
      }),
      // Needs MPI libraries, which `npm run test:cluster` installs: it is the only one to run this lane.
      ...(process.env['EDDY_LANE'] === 'cluster'
        ? [
            lane('cluster', {
              include: ['test/cluster/**/*.cluster.ts'],
              timeoutMs: 300_000,
              order: 1,
              needsBuild: true,
            }),
          ]
        : []),
      /** Pages in Chromium; skipped with a line that says so where there is none. */
      lane('browser', {
        include: ['test/browser/**/*.browser.ts'],
        timeoutMs: 300_000,
        order: 3,
        needsBuild: true, // pages are bundled by the build
      }),
    ],
  },
});

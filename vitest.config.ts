import { defineConfig } from 'vitest/config';

/** Tests read the packages' sources (condition `@eddy/source`), users read `dist`. */
const source = { conditions: ['@eddy/source'] };
const project = (name: string, include: string[], timeoutMs: number) => ({
  resolve: source,
  ssr: { resolve: source },
  test: {
    name,
    include,
    testTimeout: timeoutMs,
    hookTimeout: timeoutMs,
    environment: 'node' as const,
  },
});

export default defineConfig({
  test: {
    projects: [
      project('unit', ['packages/*/src/**/*.test.ts'], 30_000),
      project('engine', ['packages/engines/src/**/*.engine-test.ts'], 300_000),
      project('spanning', ['test/**/*.test.ts'], 600_000),
    ],
  },
});

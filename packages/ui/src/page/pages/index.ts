/** All pages, in the order of the navigation: a page adds its file here. */
import { COMPARE_PAGE } from './compare.tsx';
import { DATA_PAGE } from './data.tsx';
import type { PageDefinition } from './page-definition.ts';
import { REASONING_PAGE } from './reasoning.tsx';
import { RUN_CONFIG_PAGE } from './run-config.tsx';
import { RUN_PAGE } from './run.tsx';
import { RUNS_PAGE } from './runs.tsx';
import { TRY_PAGE } from './try.tsx';
import { SWEEP_PAGE } from './sweep.tsx';

export const PAGES: readonly PageDefinition[] = [
  RUNS_PAGE,
  RUN_PAGE,
  REASONING_PAGE,
  TRY_PAGE,
  DATA_PAGE,
  COMPARE_PAGE,
  SWEEP_PAGE,
  RUN_CONFIG_PAGE,
];

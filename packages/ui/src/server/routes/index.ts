/** The routes of all pages: a page adds its file here. */
import type { Routes } from '../http/context.ts';
import { actionsRoutes } from './actions.ts';
import { compareRoutes } from './compare.ts';
import { dataRoutes } from './data.ts';
import { liveRoutes } from './live.ts';
import { reasoningRoutes } from './reasoning.ts';
import { runRoutes } from './run.ts';
import { runsRoutes } from './runs.ts';
import { sessionRoutes } from './session.ts';
import { tryRoutes } from './try.ts';
import { sweepRoutes } from './sweep.ts';

export const ROUTES: readonly Routes[] = [
  sessionRoutes,
  runsRoutes,
  runRoutes,
  actionsRoutes,
  reasoningRoutes,
  tryRoutes,
  dataRoutes,
  compareRoutes,
  sweepRoutes,
  liveRoutes,
];

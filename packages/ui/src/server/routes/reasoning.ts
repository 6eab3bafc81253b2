/** `/api/runs/:id/reasoning`: puzzles that evaluations kept step by step. */
import { historyOf, reasoningOf, traceOf } from '../../reader/reasoning.ts';
import type { Routes } from '../http/context.ts';
import { badRequest, notFound } from '../http/problem.ts';
import { numberOf, textOf } from '../http/query.ts';

export const reasoningRoutes: Routes = (api, { openRun }) => {
  api.get('/runs/:id/reasoning', async (c) => {
    const { found } = await openRun(c.req.param('id'));
    return c.json(await reasoningOf(found.path));
  });

  api.get('/runs/:id/reasoning/trace', async (c) => {
    const { found } = await openRun(c.req.param('id'));
    const trace = await traceOf(found.path, textOf(c.req, 'evaluation') ?? '');
    if (trace === undefined) throw notFound('evaluation');
    return c.json(trace);
  });

  api.get('/runs/:id/reasoning/history', async (c) => {
    const { found } = await openRun(c.req.param('id'));
    const set = textOf(c.req, 'set');
    const index = numberOf(c.req, 'index', { min: 0, max: 1e12, fallback: undefined });
    if (set === undefined || index === undefined) {
      throw badRequest('no puzzle is named', 'send set=… and index=…');
    }
    return c.json(await historyOf(found.path, { set, index }));
  });
};

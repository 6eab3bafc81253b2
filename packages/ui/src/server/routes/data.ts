/** `/api/runs/:id/data`: the datasets that a run was given, a page at a time. */
import type { VersionsView } from '../../api/data.ts';
import { dataOf, datasetFolder, examplesOf } from '../../reader/data.ts';
import { fileInside } from '../../reader/find-runs.ts';
import type { Routes } from '../http/context.ts';
import { badRequest, notFound } from '../http/problem.ts';
import { numberOf, textOf } from '../http/query.ts';

const MAX_EXAMPLES = 48;
const MAX_INDEX = 2 ** 40;

export const dataRoutes: Routes = (api, { openRun, services }) => {
  api.get('/runs/:id/data', async (c) => {
    const { projection } = await openRun(c.req.param('id'));
    return c.json(await dataOf(projection));
  });

  api.get('/runs/:id/data/examples', async (c) => {
    const { projection } = await openRun(c.req.param('id'));
    const folder = datasetFolder(projection, textOf(c.req, 'stage'));
    if (folder === undefined) throw notFound('dataset');
    const split = textOf(c.req, 'split') ?? 'train';
    if (!/^[\w-]+$/.test(split)) throw badRequest('there is no split of this name', 'name a split');
    const from = Math.floor(numberOf(c.req, 'from', { min: 0, max: MAX_INDEX, fallback: 0 }));
    const count = Math.floor(numberOf(c.req, 'count', { min: 1, max: MAX_EXAMPLES, fallback: 12 }));
    return c.json(await examplesOf(folder, split, { from, count }));
  });

  api.get('/runs/:id/data/versions', async (c) => {
    const { found } = await openRun(c.req.param('id'));
    const file = fileInside(found.path, 'config.yml');
    const split = textOf(c.req, 'split');
    const index = numberOf(c.req, 'index', { min: 0, max: MAX_INDEX, fallback: undefined });
    if (file === undefined) throw notFound('config.yml');
    if (split === undefined || index === undefined) {
      throw badRequest('no example is named', 'send split=… and index=…');
    }
    const count = Math.floor(numberOf(c.req, 'count', { min: 1, max: MAX_EXAMPLES, fallback: 12 }));
    const made = await services.versions(file, { split, index: Math.floor(index), count });
    const view: VersionsView = made ?? { total: 0, versions: [] };
    return c.json(view);
  });
};

/** `/api/runs/:id`: one run, its series, configuration, and why its stages would be reused. */
import { readFileSync, statSync } from 'node:fs';

import { damageOf, toJson } from '@eddy/core/report';

import type { ConfigView, SeriesView, WhyView } from '../../api/run.ts';
import { fileInside } from '../../reader/find-runs.ts';
import { originsIn } from '../../reader/config-origins.ts';
import { flattenConfig } from '../../reader/flatten.ts';
import { seriesOf } from '../../reader/series.ts';
import type { Routes } from '../http/context.ts';
import { badRequest, notFound } from '../http/problem.ts';
import { numberOf, textOf } from '../http/query.ts';

const MAX_CONFIG_BYTES = 4 << 20;
const JSON_TYPE = { 'content-type': 'application/json' };

export const runRoutes: Routes = (api, { openRun, rows, services }) => {
  api.get('/runs/:id', async (c) => {
    const { found, projection } = await openRun(c.req.param('id'));
    const view = projection.view(found.id, found.folder);
    const damage = await damageOf(found.path);
    const { elapsedMs: timeMs } = view.head;
    const notes = [
      ...view.notes,
      ...damage.map(({ text }) => ({ timeMs, level: 'warning' as const, text })),
    ];
    const sweep = found.sweep === undefined ? undefined : rows.sweep(found.sweep);
    const place = sweep && { id: sweep.id, name: sweep.folder, trial: found.trial! };
    // Metrics may be not-a-number, which JSON lacks.
    return c.body(toJson({ ...view, notes, ...(place && { sweep: place }) }), 200, JSON_TYPE);
  });

  api.get('/runs/:id/series', async (c) => {
    const { projection } = await openRun(c.req.param('id'));
    const set = textOf(c.req, 'set') ?? 'train';
    const metrics = c.req.queries('metric') ?? [];
    if (metrics.length === 0 || metrics.length > 32) {
      throw badRequest('no metric is named, or too many', 'name 1 to 32 metrics as metric=…');
    }
    const training = projection.trainings.get(set);
    if (training === undefined) throw notFound('training');
    const query = {
      set,
      points: numberOf(c.req, 'points', { min: 3, max: 10_000, fallback: 600 }),
      smoothing: numberOf(c.req, 'smoothing', { min: 0, max: 0.9999, fallback: 0 }),
    };
    const from = numberOf(c.req, 'from', { min: -1e15, max: 1e15, fallback: undefined });
    const to = numberOf(c.req, 'to', { min: -1e15, max: 1e15, fallback: undefined });
    const range = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
    const series: SeriesView[] = metrics.flatMap(
      (metric) => seriesOf(training, { ...query, ...range, metric }) ?? [],
    );
    return c.json(series);
  });

  api.get('/runs/:id/config', async (c) => {
    const { found, projection } = await openRun(c.req.param('id'));
    const file = fileInside(found.path, 'config.yml');
    if (file === undefined || statSync(file).size > MAX_CONFIG_BYTES) throw notFound('config.yml');
    const text = readFileSync(file, 'utf8');
    const origins = originsIn(text);
    const flat = flattenConfig(projection.events.summary?.config ?? {});
    const entries = [...flat].map(([path, value]) => {
      const origin = origins.get(path);
      return { path, value, ...(origin === undefined ? {} : { origin }) };
    });
    const view: ConfigView = { entries, text };
    return c.json(view);
  });

  api.get('/runs/:id/why', async (c) => {
    const { found } = await openRun(c.req.param('id'));
    const file = fileInside(found.path, 'config.yml');
    if (file === undefined) throw notFound('config.yml');
    const view: WhyView = { stages: await services.explain(file) };
    return c.json(view);
  });
};

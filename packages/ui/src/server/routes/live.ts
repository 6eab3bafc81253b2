/** `/api/live?topic=runs&topic=run/ID`: a stream of changes, one JSON object a line. */
import type { Topic } from '../../api/live.ts';
import type { Routes } from '../http/context.ts';
import { badRequest, notFound } from '../http/problem.ts';

const MAX_TOPICS = 16;
const NDJSON = { 'content-type': 'application/x-ndjson' };

export const liveRoutes: Routes = (api, { live, rows }) => {
  api.get('/live', (c) => {
    const topics = new Set(c.req.queries('topic') ?? []);
    if (topics.size === 0 || topics.size > MAX_TOPICS) {
      throw badRequest('no topic is named, or too many', `name 1 to ${MAX_TOPICS} as topic=…`);
    }
    for (const topic of topics) {
      if (topic === 'runs') continue;
      if (!topic.startsWith('run/') || rows.run(topic.slice(4)) === undefined) {
        throw notFound('topic');
      }
    }
    // Nobody reads what answers HEAD: a listener would be left behind.
    if (c.req.method === 'HEAD') return c.body(null, 200, NDJSON);
    return c.body(live.subscribe(topics as Set<Topic>), 200, NDJSON);
  });
};

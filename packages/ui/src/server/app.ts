/** The server's answers, put together: guard, page, routes. */
import { EddyError } from '@eddy/tensor/errors';
import { Hono } from 'hono';

import type { Problem } from '../api/session.ts';
import type { UiContext } from './http/context.ts';
import { guardOrigin, limitBody, requireJson, requireToken } from './http/guard.ts';
import { HttpProblem, notFound } from './http/problem.ts';
import { ROUTES } from './routes/index.ts';
import { addStaticFiles } from './static-files.ts';

const MAX_BODY_BYTES = 64 << 10;

export interface AppOptions {
  readonly context: UiContext;
  readonly token: string;
  /** Of the bundled page. */
  readonly pageFolder: string;
  /** Known once the server listens. */
  readonly port: () => number;
}

/** @throws UI_PAGE_NOT_BUILT */
export function createApp({ context, token, port, pageFolder }: AppOptions): Hono {
  const app = new Hono();
  app.use('*', guardOrigin(port));
  addStaticFiles(app, pageFolder);
  const api = new Hono();
  api.use('*', requireToken(token));
  api.post('*', async (c, next) => {
    requireJson(c);
    await next();
  });
  api.use('*', limitBody(MAX_BODY_BYTES));
  for (const routes of ROUTES) routes(api, context);
  app.route('/api', api);
  app.notFound(() => {
    throw notFound('address');
  });
  app.onError((error, c) => {
    if (error instanceof HttpProblem) return c.json(error.problem, error.status);
    if (error instanceof EddyError) return c.json(problemOf(error), 422);
    if (isGone(error)) return c.json(notFound('file').problem, 404);
    const { name, message } = error;
    const problem = { code: 'INTERNAL', message: `${name}: ${message}`, fix: 'report this' };
    return c.json(problem, 500);
  });
  return app;
}

/** A run folder that cannot be read says why, as a command would. */
function problemOf({ code, facts }: EddyError): Problem {
  return { code, message: facts.message, fix: facts.fix };
}

function isGone(error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ESTALE' || code === 'EACCES';
}

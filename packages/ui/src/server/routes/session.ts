/** `/api/session` */
import type { Routes } from '../http/context.ts';

export const sessionRoutes: Routes = (api, { session }) => {
  api.get('/session', (c) => c.json(session()));
};

/** `POST /api/runs/:id/{stop,save,resume}`: the only requests that change anything. */
import type { ActionView } from '../../api/run.ts';
import { recordAction } from '../actions/action-log.ts';
import { lockOwner } from '../actions/lock-owner.ts';
import { resumeRun } from '../actions/resume-run.ts';
import type { Routes } from '../http/context.ts';
import { HttpProblem } from '../http/problem.ts';

const SIGNALS = { stop: 'SIGTERM', save: 'SIGUSR1' } as const;

const TEXTS = {
  stop: 'Stop requested: the run ends after the current step.',
  save: 'Checkpoint requested: it is saved after the current step.',
} as const;

export const actionsRoutes: Routes = (api, { openRun, live, services }) => {
  for (const action of ['stop', 'save'] as const) {
    api.post(`/runs/:id/${action}`, async (c) => {
      const { found } = await openRun(c.req.param('id'));
      const pid = await lockOwner(found.path);
      recordAction(found.path, { action, pid });
      process.kill(pid, SIGNALS[action]);
      return c.json<ActionView>({ text: TEXTS[action] });
    });
  }

  /** Runs that are being resumed: two requests at once start one process. */
  const resuming = new Set<string>();
  api.post('/runs/:id/resume', async (c) => {
    const { found, projection } = await openRun(c.req.param('id'));
    const { status } = projection.head(found.id);
    if (status === 'running' || status === 'done' || resuming.has(found.id)) {
      throw new HttpProblem(409, {
        code: 'UI_NOTHING_TO_RESUME',
        message: status === 'done' ? 'this run has ended' : 'this run is running',
        fix: 'reload the page',
      });
    }
    resuming.add(found.id);
    try {
      const pid = await resumeRun(found.path, services.pipelineCommand);
      live.touch(`run/${found.id}`);
      return c.json<ActionView>({ text: `Resumed by process ${pid}.` });
    } finally {
      resuming.delete(found.id);
    }
  });
};

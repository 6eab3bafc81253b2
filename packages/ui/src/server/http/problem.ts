/** How a request is refused. */
import type { Problem } from '../../api/session.ts';

export type ProblemStatus = 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 422;

/** Thrown by a route; the answer has this status and says what to do. */
export class HttpProblem extends Error {
  readonly status: ProblemStatus;
  readonly problem: Problem;

  constructor(status: ProblemStatus, problem: Problem) {
    super(problem.message);
    this.status = status;
    this.problem = problem;
  }
}

export function notFound(what: string): HttpProblem {
  return new HttpProblem(404, {
    code: 'UI_NOT_FOUND',
    message: `there is no such ${what}`,
    fix: 'open the list of runs: the folder may have been moved or deleted',
  });
}

export function badRequest(message: string, fix: string): HttpProblem {
  return new HttpProblem(400, { code: 'UI_BAD_REQUEST', message, fix });
}

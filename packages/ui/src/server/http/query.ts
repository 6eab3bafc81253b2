/** Parameters of a request, checked. */
import { badRequest } from './problem.ts';

interface Request {
  query(name: string): string | undefined;
}

/** A text of at most 200 characters. @throws HttpProblem 400 */
export function textOf(request: Request, name: string): string | undefined {
  const value = request.query(name);
  if (value !== undefined && value.length > 200) {
    throw badRequest(`${name} is too long`, `send at most 200 characters as ${name}`);
  }
  return value;
}

/** A number within a range, `fallback` where it is absent. @throws HttpProblem 400 */
export function numberOf<T extends number | undefined>(
  request: Request,
  name: string,
  { min, max, fallback }: { readonly min: number; readonly max: number; readonly fallback: T },
): number | T {
  const text = request.query(name);
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!(value >= min && value <= max)) {
    throw badRequest(`${name} is out of range`, `send a number from ${min} to ${max} as ${name}`);
  }
  return value;
}

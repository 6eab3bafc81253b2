/** Data of the server in a component: the last answer stays while the next one is fetched. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

import type { Problem } from '../../api/session.ts';
import { RequestFailed } from './api.ts';

export interface Resource<T> {
  readonly data: T | undefined;
  readonly problem: Problem | undefined;
  /** Fetches again; what is shown stays until the answer is there. */
  readonly reload: () => void;
  /** Changes what is shown, for instance by a live message. */
  readonly update: (change: (data: T) => T) => void;
}

/** @param key  what the data belongs to: a change forgets the old data and fetches anew */
export function useResource<T>(
  key: string,
  fetchData: (signal: AbortSignal) => Promise<T>,
): Resource<T> {
  const [state, setState] = useState<{ key: string; data?: T; problem?: Problem }>({ key });
  const controller = useRef<AbortController>(undefined);
  const reload = useCallback(() => {
    controller.current?.abort();
    const { signal } = (controller.current = new AbortController());
    fetchData(signal).then(
      (data) => {
        if (!signal.aborted) setState({ key, data });
      },
      (error: unknown) => {
        if (!signal.aborted) setState((old) => ({ ...keep(old, key), problem: problemOf(error) }));
      },
    );
    // `key` stands for everything that `fetchData` uses.
  }, [key]);
  useEffect(() => {
    reload();
    return () => controller.current?.abort();
  }, [reload]);
  const update = useCallback(
    (change: (data: T) => T) =>
      setState((old) =>
        old.key === key && old.data !== undefined ? { key, data: change(old.data) } : old,
      ),
    [key],
  );
  const { data, problem } = keep<T>(state, key);
  return { data, problem, reload, update };
}

function keep<T>(state: { key: string; data?: T; problem?: Problem }, key: string): typeof state {
  return state.key === key ? state : { key };
}

export function problemOf(error: unknown): Problem {
  if (error instanceof RequestFailed) return error.problem;
  return { code: 'UI_UNEXPECTED', message: String(error), fix: 'reload the page' };
}

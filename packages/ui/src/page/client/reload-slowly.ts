/** Fetching again while runs go on, but not with each of their steps. */
import { useEffect, useRef } from 'preact/hooks';

import type { LiveMessage } from '../../api/live.ts';
import { useLive } from './live.ts';

/** Calls `reload` at most once in `intervalMs` after messages of the list of runs for which `isWanted` is true. */
export function useSlowReload(
  isWanted: (message: LiveMessage) => boolean,
  reload: () => void,
  intervalMs: number,
): void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef(reload);
  latest.current = reload;
  useLive('runs', (message) => {
    if (timer.current !== undefined || !isWanted(message)) return;
    timer.current = setTimeout(() => {
      timer.current = undefined;
      latest.current();
    }, intervalMs);
  });
  useEffect(() => () => clearTimeout(timer.current), []);
}

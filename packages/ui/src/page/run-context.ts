/** The run that the pages of a run are about. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';

import type { RunView } from '../api/run.ts';

export const RunContext = createContext<RunView | undefined>(undefined);

/** Returns the run of the page, up to date: for pages whose `nav` is `run`. */
export function useRun(): RunView {
  const view = useContext(RunContext);
  if (view === undefined) throw new Error('this page is not a page of a run');
  return view;
}

import type { RunStatus } from '../../api/runs.ts';

const SIGNS: Readonly<Record<RunStatus, string>> = {
  waiting: '…',
  running: '●',
  done: '✓',
  failed: '✕',
  stopped: '■',
  interrupted: '⚠',
};

/** The status of a run: a sign, a word and a colour, so that none of them is needed alone. */
export function StatusBadge({ status }: { readonly status: RunStatus }) {
  return (
    <span class={`badge badge-${status}`}>
      <span class="badge-sign" aria-hidden="true">
        {SIGNS[status]}
      </span>
      <span class="badge-word">{status}</span>
    </span>
  );
}

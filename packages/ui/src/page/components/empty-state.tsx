import type { ComponentChildren } from 'preact';

import type { Problem } from '../../api/session.ts';

/** Says why there is nothing to see, and what would change that. */
export function EmptyState({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children}
    </div>
  );
}

/** A request that failed: what happened and what to do. */
export function ProblemNote({ problem }: { readonly problem: Problem }) {
  return (
    <div class="note note-error" role="alert">
      <p>
        <strong>{problem.message}</strong> <code>{problem.code}</code>
      </p>
      <p>{problem.fix}</p>
    </div>
  );
}

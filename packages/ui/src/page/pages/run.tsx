/** One run: is it learning, when is it done, how good is it, what went wrong. */
import { EmptyState } from '../components/empty-state.tsx';
import { useRun } from '../run-context.ts';
import type { PageDefinition } from './page-definition.ts';
import { Curves } from './run/curves.tsx';

export const RUN_PAGE: PageDefinition = {
  path: '/run/:id',
  title: 'Overview',
  nav: 'run',
  Page: RunPage,
};

function RunPage() {
  const view = useRun();
  if (view.trainings.length === 0) return <EmptyState title="No training step yet." />;
  return <Curves view={view} />;
}

/** One run: is it learning, when is it done, how good is it, what went wrong. */
import { EmptyState } from '../components/empty-state.tsx';
import { useRun } from '../run-context.ts';
import type { PageDefinition } from './page-definition.ts';
import { Actions } from './run/actions.tsx';
import { AtAGlance } from './run/at-a-glance.tsx';
import { Commands } from './run/commands.tsx';
import { Curves } from './run/curves.tsx';
import { Evaluations } from './run/evaluations.tsx';
import { Notes } from './run/notes.tsx';
import { PlanAndMeasured } from './run/plan-and-measured.tsx';
import { problemsOf } from './run/problems.ts';
import { StageGraph } from './run/stage-graph.tsx';

export const RUN_PAGE: PageDefinition = {
  path: '/run/:id',
  title: 'Overview',
  nav: 'run',
  Page: RunPage,
};

function RunPage() {
  const view = useRun();
  const problems = problemsOf(view);
  return (
    <>
      {view.description !== undefined && <p class="dim run-description">{view.description}</p>}
      <Actions view={view} />
      <AtAGlance view={view} />
      {problems.length > 1 && (
        <details class="note note-warning">
          <summary>All {problems.length} problems</summary>
          <ul>
            {problems.map(({ title, text }, i) => (
              <li key={i}>
                <b>{title}.</b> {text}
              </li>
            ))}
          </ul>
        </details>
      )}
      {view.trainings.length === 0 ? (
        <EmptyState title="No training step yet.">
          <p>Curves appear with the first one.</p>
        </EmptyState>
      ) : (
        <Curves view={view} />
      )}
      <Evaluations view={view} />
      <StageGraph view={view} />
      <div class="cards">
        <PlanAndMeasured view={view} />
        <Commands view={view} />
        <Notes view={view} />
      </div>
    </>
  );
}

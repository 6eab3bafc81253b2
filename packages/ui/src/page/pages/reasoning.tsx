/** How the model thinks: traced puzzles of an evaluation, failures first, and the same puzzle while training. */
import { useMemo } from 'preact/hooks';

import type { EvaluationTrace, TracedExample } from '@eddy/core/report';
import { gridStyle, StepPlayer } from '@eddy/web/components';

import type { ReasoningView, TracedEvaluation } from '../../api/reasoning.ts';
import { get } from '../client/api.ts';
import { useLive } from '../client/live.ts';
import { useResource } from '../client/resource.ts';
import { Card } from '../components/card.tsx';
import { EmptyState, ProblemNote } from '../components/empty-state.tsx';
import { formatCount } from '../format.ts';
import { useRun } from '../run-context.ts';
import { setQuery } from '../router.ts';
import type { PageDefinition, PageProps } from './page-definition.ts';
import { History } from './reasoning/history.tsx';
import { PuzzleList } from './reasoning/puzzle-list.tsx';
import { filtered, FILTERS, playerSteps, verdictOf } from './reasoning/traced-puzzle.ts';

export const REASONING_PAGE: PageDefinition = {
  path: '/run/:id/reasoning',
  title: 'Reasoning',
  nav: 'run',
  Page: ReasoningPage,
};

function ReasoningPage({ query }: PageProps) {
  const { head } = useRun();
  const { id } = head;
  const { data, problem, reload } = useResource(`${id}/reasoning`, (signal) =>
    get<ReasoningView>(`/runs/${id}/reasoning`, signal),
  );
  useLive(`run/${id}`, (message) => {
    if (message.type === 'reload') reload();
    else if (message.type === 'run' && message.events.includes('evaluation-finished')) reload();
  });
  if (data === undefined) return problem ? <ProblemNote problem={problem} /> : null;
  const { evaluations } = data;
  // The newest one, and the next newest when it comes, unless one was chosen.
  const chosen = evaluations.find(({ key }) => key === query.get('evaluation'));
  const evaluation = chosen ?? evaluations.at(-1);
  if (evaluation === undefined) return <NothingTraced isRunning={head.status === 'running'} />;
  return (
    <>
      <Choice evaluations={evaluations} evaluation={evaluation} query={query} />
      <Evaluation id={id} evaluation={evaluation} query={query} />
    </>
  );
}

function NothingTraced({ isRunning }: { readonly isRunning: boolean }) {
  return (
    <EmptyState
      title={isRunning ? 'No evaluation yet.' : 'No evaluation of this run kept answers.'}
    >
      <p>
        A stage <code>evaluate</code> keeps a few puzzles step by step, if the model gives its
        answers as <code>preds</code>. {isRunning && 'They appear here after the first evaluation.'}
      </p>
    </EmptyState>
  );
}

function Choice({
  evaluations,
  evaluation,
  query,
}: {
  readonly evaluations: readonly TracedEvaluation[];
  readonly evaluation: TracedEvaluation;
  readonly query: URLSearchParams;
}) {
  const { solved, recorded } = evaluation;
  const filter = query.get('show') ?? 'all';
  const newest = evaluations.at(-1)!;
  return (
    <div class="reasoning-choice">
      <label class="choice">
        Evaluation
        <select
          class="field"
          value={query.get('evaluation') ?? ''}
          onChange={(event) => setQuery({ evaluation: event.currentTarget.value })}
        >
          <option value="">
            newest: {newest.set}, step {formatCount(newest.step)}
          </option>
          {evaluations.toReversed().map(({ key, set, step }) => (
            <option key={key} value={key}>
              {set}, step {formatCount(step)}
            </option>
          ))}
        </select>
      </label>
      <div class="toggles" role="group" aria-label="Puzzles">
        {FILTERS.map(({ key, title }) => (
          <button
            key={key}
            type="button"
            aria-pressed={filter === key}
            onClick={() => setQuery({ show: key === 'all' ? '' : key })}
          >
            {title}
          </button>
        ))}
      </div>
      {solved !== undefined && (
        <span class="dim">
          {formatCount(solved)} of {formatCount(recorded!)} puzzles solved
          {solved < recorded! && `, ${formatCount(recorded! - solved)} failed`}
        </span>
      )}
    </div>
  );
}

function Evaluation({
  id,
  evaluation,
  query,
}: {
  readonly id: string;
  readonly evaluation: TracedEvaluation;
  readonly query: URLSearchParams;
}) {
  const { key, set } = evaluation;
  const { data: trace, problem } = useResource(`${id}/${key}`, (signal) =>
    get<EvaluationTrace>(`/runs/${id}/reasoning/trace?evaluation=${key}`, signal),
  );
  if (trace === undefined) return problem ? <ProblemNote problem={problem} /> : null;
  const examples = filtered(trace.examples, query.get('show') ?? 'all');
  const wanted = Number(query.get('puzzle') ?? NaN);
  const example = examples.find(({ index }) => index === wanted) ?? examples[0];
  if (example === undefined) {
    return (
      <EmptyState title="No traced puzzle fits the filter.">
        <button type="button" class="button" onClick={() => setQuery({ show: '' })}>
          Show all
        </button>
      </EmptyState>
    );
  }
  return (
    <div class="reasoning">
      <PuzzleList
        trace={trace}
        examples={examples}
        chosen={example.index}
        onChoose={(index) => setQuery({ puzzle: String(index) })}
      />
      <div class="reasoning-puzzle">
        <Player key={`${key}/${example.index}`} trace={trace} example={example} />
        <History id={id} set={set} trace={trace} example={example} step={trace.step} />
      </div>
    </div>
  );
}

function Player({
  trace,
  example,
}: {
  readonly trace: EvaluationTrace;
  readonly example: TracedExample;
}) {
  const { task, rows, cols, notScored } = trace;
  const style = trace.gridStyle ?? gridStyle(task, rows, cols);
  const steps = useMemo(() => playerSteps(example), [example]);
  const verdict = verdictOf(example, trace);
  // Generated data have one rating for all.
  const rated = new Set(trace.examples.map(({ rating }) => rating)).size > 1;
  return (
    <Card
      title={`Puzzle ${formatCount(example.index)}${rated ? `, rating ${example.rating}` : ''}`}
      actions={<span class={verdict.isGood ? 'good' : 'bad'}>{verdict.text}</span>}
    >
      <StepPlayer
        label={`Puzzle ${example.index}`}
        gridStyle={style}
        rows={rows}
        cols={cols}
        puzzle={example.input}
        solution={example.label}
        notScored={notScored ?? undefined}
        steps={steps}
      />
    </Card>
  );
}

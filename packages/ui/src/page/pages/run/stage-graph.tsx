/** The stages of a run in the order of its file: how each stands, how long it took, what was reused. */
import { useState } from 'preact/hooks';

import type { RunView, StageView, WhyView } from '../../../api/run.ts';
import type { Problem } from '../../../api/session.ts';
import { fetchWhy } from '../../client/api.ts';
import { problemOf } from '../../client/resource.ts';
import { Card } from '../../components/card.tsx';
import { ProblemNote } from '../../components/empty-state.tsx';
import { formatDuration } from '../../format.ts';

type Explained = WhyView['stages'][number];

const WORDS: Readonly<Record<StageView['state'], string>> = {
  waiting: 'waits',
  running: 'runs',
  done: 'done',
  reused: 'reused',
  failed: 'failed',
  stopped: 'stopped',
};

const VERDICTS: Readonly<Record<Explained['verdict'], string>> = {
  reused: 'would be reused: its result is in the cache',
  first: 'would run: this pipeline has no earlier result of this stage',
  changed: 'would run: these inputs differ from those of the last result',
  lost: 'would run again with the same inputs: its result no longer exists',
  unknown: 'depends on an earlier stage that has no result',
  uncached: 'always runs: it keeps nothing in the cache',
};

export function StageGraph({ view }: { readonly view: RunView }) {
  const [why, setWhy] = useState<readonly Explained[]>();
  const [problem, setProblem] = useState<Problem>();
  const [isAsking, setAsking] = useState(false);
  const ask = async () => {
    setAsking(true);
    try {
      setWhy((await fetchWhy(view.head.id)).stages);
      setProblem(undefined);
    } catch (error) {
      setProblem(problemOf(error));
    }
    setAsking(false);
  };
  return (
    <Card
      title="Stages"
      actions={
        <button
          type="button"
          class="button button-small"
          disabled={isAsking}
          onClick={() => void ask()}
        >
          {isAsking ? 'Looking …' : 'What would be reused now?'}
        </button>
      }
    >
      <ol class="stages">
        {view.stages.map((stage) => (
          <Stage
            key={stage.name}
            stage={stage}
            isOver={view.head.status !== 'running'}
            explained={why?.find((one) => one.stage === stage.name)}
          />
        ))}
      </ol>
      {problem !== undefined && <ProblemNote problem={problem} />}
    </Card>
  );
}

function Stage({
  stage,
  isOver,
  explained,
}: {
  readonly stage: StageView;
  readonly isOver: boolean;
  readonly explained: Explained | undefined;
}) {
  const { name, state, durationMs, busyMs, reusedKey } = stage;
  const worked = busyMs ?? durationMs;
  return (
    <li class={`stage stage-${state}`}>
      <span class="stage-name">{name}</span>
      <span class="stage-state">
        {state === 'waiting' && isOver ? 'did not run' : WORDS[state]}
        {worked !== undefined && state !== 'reused' && ` in ${formatDuration(worked)}`}
      </span>
      {reusedKey !== undefined && (
        <span class="stage-note" title={reusedKey}>
          same inputs as an earlier result, key <code>{reusedKey.slice(0, 8)}</code>
        </span>
      )}
      {busyMs !== undefined && durationMs !== undefined && durationMs > 2 * busyMs + 1000 && (
        <span class="stage-note">waited {formatDuration(durationMs - busyMs)} for others</span>
      )}
      {explained !== undefined && (
        <span class="stage-why">
          {VERDICTS[explained.verdict]}
          {explained.changes.length > 0 && (
            <ul>
              {explained.changes.map((change) => (
                <li key={change} class="mono">
                  {change}
                </li>
              ))}
            </ul>
          )}
        </span>
      )}
    </li>
  );
}

/** Commands about this run, to copy. */
import type { RunView } from '../../../api/run.ts';
import { Card } from '../../components/card.tsx';
import { Command } from '../../components/copy-button.tsx';

export function Commands({ view }: { readonly view: RunView }) {
  const { head, folder, checkpoints } = view;
  const run = quoted(folder);
  // The checkpoint that the result is of.
  const weights = view.headline?.choice.by === 'monitor' ? `${run} --which best` : run;
  const canResume = head.status !== 'running' && head.status !== 'done';
  return (
    <Card title="Commands">
      {canResume && (
        <Command note="Resume from the last checkpoint" text={`pipeline resume ${run}`} />
      )}
      {checkpoints.length > 0 ? (
        <>
          <Command
            note="Solve a puzzle of the test data, step by step"
            text={`pipeline predict ${weights} --example 0 --trace`}
          />
          <Command note="Evaluate its weights again" text={`pipeline evaluate ${weights}`} />
          <Command
            note="Export a single file that solves puzzles in any browser"
            text={`pipeline export ${weights} --format web -o solve.html`}
          />
        </>
      ) : (
        <p class="dim">There is no checkpoint yet to predict with or to export.</p>
      )}
      <Command note="Run it again from the start" text={`pipeline run ${run}/config.yml --force`} />
    </Card>
  );
}

/** A folder as one word of a shell. */
function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

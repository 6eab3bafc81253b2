/** Stopping, saving and resuming a run, each after a question. */
import { useEffect, useRef, useState } from 'preact/hooks';

import type { RunView } from '../../../api/run.ts';
import type { Problem } from '../../../api/session.ts';
import { announce } from '../../announce.ts';
import { act } from '../../client/api.ts';
import { problemOf } from '../../client/resource.ts';
import { ProblemNote } from '../../components/empty-state.tsx';

type Action = 'stop' | 'save' | 'resume';

const QUESTIONS: Readonly<Record<Action, readonly [title: string, text: string]>> = {
  stop: [
    'Stop this run?',
    'It ends after the current step and saves a checkpoint. A resumed run continues bit for bit.',
  ],
  save: ['Save a checkpoint now?', 'The run continues afterwards.'],
  resume: [
    'Resume this run?',
    'A new process continues from the last checkpoint, on the machine that serves this page.',
  ],
};

export function Actions({ view: { head } }: { readonly view: RunView }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [asked, setAsked] = useState<Action>('stop');
  const [problem, setProblem] = useState<Problem>();
  const [said, setSaid] = useState('');
  // What was announced has happened, or the run is another one.
  useEffect(() => setSaid(''), [head.id, head.status]);
  const ask = (action: Action) => {
    setAsked(action);
    dialog.current?.showModal();
  };
  const run = async () => {
    dialog.current?.close();
    setProblem(undefined);
    try {
      const { text } = await act(head.id, asked);
      setSaid(text);
      announce(text);
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  const [title, text] = QUESTIONS[asked];
  const isRunning = head.status === 'running';
  const canResume = !isRunning && head.status !== 'done';
  if (!isRunning && !canResume) return null;
  return (
    <>
      <div class="actions">
        {isRunning && (
          <>
            <button type="button" class="button" onClick={() => ask('save')}>
              Save a checkpoint
            </button>
            <button type="button" class="button button-danger" onClick={() => ask('stop')}>
              Stop
            </button>
          </>
        )}
        {canResume && (
          <button type="button" class="button button-main" onClick={() => ask('resume')}>
            Resume
          </button>
        )}
        <span class="dim">{said}</span>
      </div>
      {problem !== undefined && <ProblemNote problem={problem} />}
      <dialog ref={dialog} class="dialog" aria-labelledby="dialog-title">
        <h2 id="dialog-title">{title}</h2>
        <p>{text}</p>
        <div class="actions">
          <button type="button" class="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button
            type="button"
            class={asked === 'stop' ? 'button button-danger' : 'button button-main'}
            onClick={() => void run()}
          >
            {{ stop: 'Stop', save: 'Save', resume: 'Resume' }[asked]}
          </button>
        </div>
      </dialog>
    </>
  );
}

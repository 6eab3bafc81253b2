/** A page in which a model solves puzzles: type, paste, draw or generate one, and watch it solved. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';

import type { AskedModel } from '../engine/ask-worker.ts';
import type { WebThought } from '../model/solver.ts';
import type { ModelFacts } from '../model/web-model.ts';
import { AboutModel } from './about-model.tsx';
import { AnswerPanel } from './answer-panel.tsx';
import type { Asked } from './asked.ts';
import { puzzleKindOf } from './kinds/index.ts';
import { PuzzlePanel } from './puzzle-panel.tsx';
import { SolveControls, type SolveOptions } from './solve-controls.tsx';

export interface SolverAppProps {
  readonly about: ModelFacts;
  /** The model, once it is loaded; rejects with words for the reader. */
  readonly opened: Promise<AskedModel>;
}

interface Thinking {
  readonly asked: Asked;
  readonly thoughts: readonly WebThought[];
  readonly busy: boolean;
}

/** Draws the solver of a model. */
export function SolverApp({ about, opened }: SolverAppProps) {
  const kind = useMemo(() => puzzleKindOf(about), [about]);
  const [asked, setAsked] = useState<Asked>(() => firstPuzzle(about, kind.blank));
  const [options, setOptions] = useState<SolveOptions>({ steps: about.steps, untilHalt: false });
  const [model, setModel] = useState<AskedModel>();
  const [problem, setProblem] = useState<string>();
  const [thinking, setThinking] = useState<Thinking>();
  const latest = useRef(0);
  const answer = useRef<HTMLElement>(null);

  useEffect(() => {
    opened.then(setModel, (error: Error) => setProblem(error.message));
  }, [opened]);

  const change = (next: Partial<Asked>) => {
    latest.current += 1;
    model?.stop();
    setThinking(undefined);
    setAsked({ ...asked, label: undefined, ...next });
  };
  const solve = () => {
    if (model === undefined) return;
    latest.current += 1;
    const turn = latest.current;
    const isCurrent = () => turn === latest.current;
    model.stop();
    setProblem(undefined);
    setThinking({ asked, thoughts: [], busy: true });
    bringIntoView(answer.current);
    const question = { input: asked.cells, identifier: asked.identifier };
    let thoughts: readonly WebThought[] = [];
    const onThought = (thought: WebThought) => {
      thoughts = [...thoughts, thought];
      if (isCurrent()) setThinking({ asked, thoughts, busy: true });
    };
    model.think(question, { ...options, onThought }).then(
      () => isCurrent() && setThinking({ asked, thoughts, busy: false }),
      (error: Error) => {
        if (!isCurrent()) return;
        setThinking({ asked, thoughts, busy: false });
        setProblem(error.message);
      },
    );
  };
  const stop = () => model?.stop();
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    solve();
  };
  return (
    <div class="eddy-solver" onKeyDown={onKeyDown}>
      <div class="eddy-solver-columns">
        <section class="eddy-solver-puzzle" aria-labelledby="eddy-puzzle-title">
          <h2 id="eddy-puzzle-title">Puzzle</h2>
          <PuzzlePanel about={about} kind={kind} asked={asked} onChange={change} />
          <SolveControls
            about={about}
            options={options}
            onOptions={setOptions}
            ready={model !== undefined}
            busy={thinking?.busy === true}
            onSolve={solve}
            onStop={stop}
          />
        </section>
        <section ref={answer} class="eddy-solver-answer" aria-labelledby="eddy-answer-title">
          <h2 id="eddy-answer-title">Answer</h2>
          <AnswerPanel
            about={about}
            kind={kind}
            asked={thinking?.asked ?? asked}
            thoughts={thinking?.thoughts ?? []}
            busy={thinking?.busy === true}
            loading={model === undefined && problem === undefined}
            problem={problem}
            plannedSteps={options.steps}
          />
        </section>
      </div>
      <AboutModel about={about} model={model} thoughts={thinking?.thoughts ?? []} />
    </div>
  );
}

/** On a phone the answer is below the puzzle. */
function bringIntoView(section: HTMLElement | null): void {
  if (section === null || section.getBoundingClientRect().top < innerHeight * 0.7) return;
  const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  section.scrollIntoView({ behavior: isCalm ? 'auto' : 'smooth', block: 'start' });
}

/** A puzzle of the dataset, so that there is something to solve at once. */
function firstPuzzle({ examples, blankIdentifier }: ModelFacts, blank: () => Uint8Array): Asked {
  const [example] = examples;
  if (example === undefined) return { cells: blank(), identifier: blankIdentifier };
  return {
    cells: Uint8Array.from(example.input),
    identifier: example.identifier ?? blankIdentifier,
    label: example.label && Uint8Array.from(example.label),
  };
}

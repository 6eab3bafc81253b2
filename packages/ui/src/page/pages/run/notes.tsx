/** What a run said: errors and warnings first at sight, everything in order. */
import { useState } from 'preact/hooks';

import type { RunView } from '../../../api/run.ts';
import { Card } from '../../components/card.tsx';
import { formatDuration } from '../../format.ts';

const SHORT = 8;

export function Notes({ view }: { readonly view: RunView }) {
  const [isAll, setAll] = useState(false);
  const notes = [
    ...view.leakage.map(({ timeMs, text, report }) => ({
      timeMs,
      level: report.leakedExamples > 0 ? ('warning' as const) : ('info' as const),
      text,
    })),
    ...view.notes,
  ].sort((a, b) => a.timeMs - b.timeMs);
  if (notes.length === 0) return null;
  const shown = isAll ? notes : notes.slice(-SHORT);
  return (
    <Card
      title="Messages"
      actions={
        notes.length > SHORT && (
          <button type="button" class="button button-small" onClick={() => setAll(!isAll)}>
            {isAll ? 'Show the last' : `Show all ${notes.length}`}
          </button>
        )
      }
    >
      <ul class="notes">
        {shown.map(({ timeMs, level, text }, i) => (
          <li key={i} class={`notes-${level}`}>
            <span class="notes-time">{formatDuration(timeMs)}</span>
            <span class="notes-text">
              {level !== 'info' && <b>{level}: </b>}
              {text}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

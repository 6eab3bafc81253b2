/** Which of several answers to a puzzle is given. */
import type { Candidate } from './recording.ts';
import type { Choice } from '../contracts/events.ts';

/**
 * `best-q`: the answer of which the model is surest. `mode`: the one that most candidates give, the
 * higher mean q_halt deciding between equally many. The first candidate wins what is still tied.
 *
 * @source arXiv:2605.19943 (best-Q@K, mode@K)
 */
export function choose(candidates: readonly Candidate[], how: Choice): Candidate {
  return how === 'best-q' ? surest(candidates) : mostFrequent(candidates);
}

function surest(candidates: readonly Candidate[]): Candidate {
  return candidates.reduce((best, next) => (next.qHalt > best.qHalt ? next : best));
}

function mostFrequent(candidates: readonly Candidate[]): Candidate {
  const votes = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    const key = Buffer.from(candidate.answer).toString('latin1');
    const group = votes.get(key);
    if (group === undefined) votes.set(key, [candidate]);
    else group.push(candidate);
  }
  const meanQ = (group: readonly Candidate[]) =>
    group.reduce((sum, { qHalt }) => sum + qHalt, 0) / group.length;
  const [winners] = [...votes.values()].sort((a, b) => b.length - a.length || meanQ(b) - meanQ(a));
  return surest(winners!);
}

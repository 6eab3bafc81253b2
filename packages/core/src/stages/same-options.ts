/** The options, the seed and the engine that a training goes on with, compared with those that made its state. */
import type { ChangedOption } from '../contracts/services.ts';
import { optionsDiffer } from './errors.ts';

export interface SameOptionsRequest {
  /** The checkpoint. */
  readonly path: string;
  readonly changes: readonly ChangedOption[];
  /** True if the user has said so: differences are reported in place of refused. */
  readonly allowed: boolean;
  readonly say: (level: 'info' | 'warning', text: string) => void;
}

/**
 * Refuses other options than those that made the state: the config of the run was edited, or the checkpoint is another
 * run's. Values that the command gave are reported.
 *
 * @throws OPTIONS_DIFFER naming every option that nobody asked for
 */
export function requireSameOptions({ path, changes, allowed, say }: SameOptionsRequest): void {
  const asked = changes.filter(({ isAsked }) => isAsked);
  const others = changes.filter(({ isAsked }) => !isAsked);
  if (others.length > 0 && !allowed) throw optionsDiffer({ path, differing: others });
  if (asked.length > 0) say('info', `continues ${path} with new values: ${listed(asked)}`);
  if (others.length > 0) {
    say('warning', `other options allowed: ${path} was made with other values: ${listed(others)}`);
  }
}

function listed(changes: readonly ChangedOption[]): string {
  return changes.map(({ path, before, now }) => `${path}: ${before} → ${now}`).join(', ');
}

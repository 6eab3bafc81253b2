/** The runs that are selected to be compared, while the page is open. */
import { signal } from '@preact/signals';

export const selection = signal<ReadonlySet<string>>(new Set());

export function toggle(id: string): void {
  const next = new Set(selection.value);
  if (!next.delete(id)) next.add(id);
  selection.value = next;
}

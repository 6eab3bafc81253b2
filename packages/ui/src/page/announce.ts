/** What screen readers are told: rare and short. The frame holds the element that they watch. */
import { signal } from '@preact/signals';

export const announcement = signal('');

export function announce(text: string): void {
  // The same text twice is two announcements.
  announcement.value = '';
  setTimeout(() => (announcement.value = text), 50);
}

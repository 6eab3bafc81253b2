/** Addresses of the page: `#/run/ID/reasoning?step=4`. */
import { computed, signal } from '@preact/signals';

export interface Route {
  readonly path: string;
  readonly query: URLSearchParams;
}

const hash = signal(location.hash);
addEventListener('hashchange', () => (hash.value = location.hash));

/** Where the page is. */
export const route = computed<Route>(() => {
  const [path = '', query = ''] = hash.value.slice(1).split('?');
  return { path: /^\/./.test(path) ? path : '/runs', query: new URLSearchParams(query) };
});

/** Goes to an address: `/run/ID`. `replace` leaves no entry in the history, as for filters. */
export function navigate(address: string, { replace = false } = {}): void {
  if (replace) {
    history.replaceState(null, '', `#${address}`);
    hash.value = location.hash;
  } else location.hash = address;
}

/** Changes parameters of the address in place; empty ones are left out. */
export function setQuery(changes: Readonly<Record<string, string | undefined>>): void {
  const { path, query } = route.value;
  const next = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === '') next.delete(name);
    else next.set(name, value);
  }
  const text = next.toString();
  navigate(text === '' ? path : `${path}?${text}`, { replace: true });
}

/** Returns the parameters of a path that fits a pattern: `/run/:id` and `/run/a1` → `{ id: 'a1' }`. */
export function matchPath(
  pattern: string,
  path: string,
): Readonly<Record<string, string>> | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [i, part] of wanted.entries()) {
    if (part.startsWith(':')) params[part.slice(1)] = decode(given[i]!);
    else if (part !== given[i]) return undefined;
  }
  return params;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

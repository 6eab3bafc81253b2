/** The options of a configuration as path and text. */

/** `{ a: { b: 1 } }` → `a.b` = `1`; lists and empty objects are one value. */
export function flattenConfig(config: unknown): Map<string, string> {
  const flat = new Map<string, string>();
  const add = (path: string, value: unknown): void => {
    const isGroup = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (isGroup && Object.keys(value).length > 0 && path.split('.').length < 32) {
      for (const [key, item] of Object.entries(value))
        add(path === '' ? key : `${path}.${key}`, item);
    } else {
      flat.set(path, typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
    }
  };
  add('', config);
  return flat;
}

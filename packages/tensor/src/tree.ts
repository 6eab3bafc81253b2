/** Named trees with a folder in front of the names: `parameters/` + `embed`. */

/** `{ a: 1 }` under `parameters/` → `{ 'parameters/a': 1 }`. */
export function under<T>(folder: string, tree: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(
    Object.entries(tree).map(([name, value]) => [`${folder}/${name}`, value]),
  );
}

/** The part of a tree below a folder, without the folder's name. */
export function within<T>(folder: string, tree: Readonly<Record<string, T>>): Record<string, T> {
  const prefix = `${folder}/`;
  return Object.fromEntries(
    Object.entries(tree)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), value]),
  );
}

export function mapTree<T, R>(
  tree: Readonly<Record<string, T>>,
  f: (value: T, name: string) => R,
): Record<string, R> {
  return Object.fromEntries(Object.entries(tree).map(([name, value]) => [name, f(value, name)]));
}

/** The plugins that a run's config names, by the option that names them. */
export interface ConfigFacts {
  readonly models: readonly string[];
  readonly optimizers: readonly string[];
  readonly augmentations: readonly string[];
}

export function configFacts(config: unknown): ConfigFacts {
  const found: Record<string, Set<string>> = {};
  for (const stage of Object.values(Object(config) as object)) {
    for (const [option, value] of Object.entries(Object(stage) as object)) {
      const use = typeof value === 'string' ? value : (Object(value) as { use?: unknown }).use;
      if (typeof use === 'string') (found[option] ??= new Set()).add(use);
    }
  }
  const named = (option: string) => [...(found[option] ?? [])];
  return {
    models: named('model'),
    optimizers: named('optimizer'),
    augmentations: named('augmentation'),
  };
}

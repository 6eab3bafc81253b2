/** The plugins and packages that a training goes on with, compared with those that made its state. */
import { z } from 'zod';

import { pluginsDiffer } from './errors.ts';

const madeFromSchema = z.looseObject({
  plugins: z.record(z.string(), z.string()),
  also: z.looseObject({ code: z.record(z.string(), z.string()).exactOptional() }).exactOptional(),
});

export interface SamePluginsRequest {
  /** The checkpoint. */
  readonly path: string;
  /** What the key of its training was made from; undefined in checkpoints of earlier versions. */
  readonly before: unknown;
  /** What that of the training is made from that goes on. */
  readonly now: unknown;
  /** True if the user has said so. */
  readonly allowed: boolean;
  readonly say: (level: 'info' | 'warning', text: string) => void;
}

/**
 * Refuses plugins of another version than those that made the state, and warns of packages that were edited. The model is
 * left to the identity of weights, and a plugin in place of another one to the options.
 *
 * @throws PLUGINS_DIFFER
 */
export function requireSamePlugins({ path, before, now, allowed, say }: SamePluginsRequest): void {
  const [old, own] = [madeFromSchema.safeParse(before), madeFromSchema.safeParse(now)];
  if (!old.success || !own.success) return;
  const differing: { part: string; before: string; now: string }[] = [];
  for (const [part, text] of Object.entries(own.data.plugins)) {
    const earlier = old.data.plugins[part];
    if (earlier === undefined || earlier === text || /(^|\.)model$/.test(part)) continue;
    if (nameOf(earlier) !== nameOf(text)) continue;
    differing.push({ part, before: earlier, now: text });
  }
  const [first] = differing;
  if (first !== undefined && !allowed) throw pluginsDiffer({ path, differing });
  for (const { part, before: earlier, now: text } of differing) {
    say('warning', `other plugins allowed: ${part} is ${text} here, and ${earlier} made ${path}`);
  }
  const edited = Object.entries(own.data.also?.code ?? {}).filter(([name, version]) => {
    const earlier = old.data.also?.code?.[name];
    return earlier !== undefined && earlier !== version;
  });
  if (edited.length > 0) {
    const names = edited.map(([name]) => name).join(', ');
    say(
      'warning',
      `the code of ${names} is not that which made ${path}: results may no longer be identical bit for bit`,
    );
  }
}

/** `adamw@0.1.0` → `adamw` */
function nameOf(plugin: string): string {
  return plugin.slice(0, plugin.lastIndexOf('@'));
}

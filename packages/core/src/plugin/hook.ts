import { EddyError, InternalError } from '@eddy/tensor/errors';
import { pluginHookFailed, type PluginOrigin } from './errors.ts';

/**
 * What a function of a plugin returns.
 *
 * @param hook  its name: `check`, `describe` …
 * @throws PLUGIN_HOOK_FAILED with what the plugin threw, unless that has a code of its own
 */
export function callHook<T>(plugin: PluginOrigin, hook: string, call: () => T): T {
  try {
    return call();
  } catch (cause) {
    if (cause instanceof EddyError || cause instanceof InternalError) throw cause;
    throw pluginHookFailed(plugin, hook, cause);
  }
}

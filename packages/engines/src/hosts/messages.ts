/** What the first host and another say to each other once they know one another. */
import type { ErrorFacts } from '@eddy/tensor/errors';

import type { Machine } from '@eddy/installer';
import type { XlaEngineOptions } from '../pjrt/xla-engine.ts';

export type ToHost =
  /** Fork an engine's process. */
  | { readonly type: 'open'; readonly engine: string; readonly config: unknown }
  /** For that process. */
  | { readonly type: 'message'; readonly body: unknown }
  /** End that process. */
  | { readonly type: 'close' }
  /** The command is over. */
  | { readonly type: 'bye' };

export type FromHost =
  | { readonly type: 'opened'; readonly offer: HostOffer }
  /** From the engine's process. */
  | { readonly type: 'message'; readonly body: unknown }
  /** It did not start, or is gone. */
  | { readonly type: 'gone'; readonly facts: Omit<ErrorFacts, 'cause'> };

/** What a host has for an engine. */
export interface HostOffer {
  readonly options: XlaEngineOptions;
  readonly machine: Machine;
}

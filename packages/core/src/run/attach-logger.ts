import type { EventBus } from '../contracts/services.ts';
import type { Logger } from '../contracts/logger.ts';

/** Attaches a logger so that its failure becomes a warning of the run, never its end. */
export async function attachLogger(name: string, logger: Logger, bus: EventBus): Promise<void> {
  try {
    await logger.attach(bus.events$);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    bus.emit({ type: 'message', level: 'warning', text: `logger ${name} failed: ${reason}` });
  }
}

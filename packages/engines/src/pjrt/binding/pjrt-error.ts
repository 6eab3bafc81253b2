import type { StatusCode } from '../../process/status-code.ts';

/** What a PJRT call returned instead of a result. Stays inside the engine process. */
export class PjrtError extends Error {
  readonly call: string;
  readonly code: StatusCode;

  /** @param message  the plugin's own words. */
  constructor(call: string, code: StatusCode, message: string) {
    super(message);
    this.name = 'PjrtError';
    this.call = call;
    this.code = code;
  }
}

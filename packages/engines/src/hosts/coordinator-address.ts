/** Where rank 0 answers: `host:port`, an IPv6 address in brackets. */

export interface CoordinatorAddress {
  /** As Node's sockets take it: without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Undefined where the text is no address with a port. */
export function coordinatorAddress(text: string): CoordinatorAddress | undefined {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || Number(port) > 65_535) return undefined;
  return { host, port: Number(port) };
}

/** The process of rank 0: it runs the command, and the engines of the other hosts work for it. */
import { createServer, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { EddyError } from '@eddy/tensor/errors';

import type { EngineLink } from '../process/link.ts';
import { coordinatorAddress } from './coordinator-address.ts';
import { coordinatorUnusable, hostLost, hostsMissing } from './errors.ts';
import { FramedSocket } from './framed-socket.ts';
import { receiveHost } from './handshake.ts';
import type { HostGroup } from './launcher.ts';
import type { FromHost, HostOffer, ToHost } from './messages.ts';

/** At the end of a command that needed no other host: they start together with it, more or less. */
const LATE_MS = 10_000;
/** Addresses that only this machine reaches. */
const LOOPBACK = /^(localhost|127\..*|::1)$/;

export interface OpenedHost {
  /** For messages: `host 1 (gpu04)`. */
  readonly place: string;
  readonly link: EngineLink;
  readonly offer: HostOffer;
}

export interface LeadOptions {
  readonly token: string;
  /** How long the others may take to come. */
  readonly waitMs: number;
  /** How long, at the end, for those that have not come yet. */
  readonly lateMs?: number;
  /** Says something to the user. */
  readonly say?: (text: string) => void;
}

let leading: LedHosts | null = null;

/** The other hosts, where this process leads some. */
export function ledHosts(): LedHosts | null {
  return leading;
}

export class LedHosts {
  readonly #group: HostGroup;
  readonly #options: Required<LeadOptions>;
  readonly #server: Server;
  readonly #hosts = new Map<number, LedHost>();
  /** Who has not shown yet that it belongs here. */
  readonly #visitors = new Set<FramedSocket>();
  readonly #closing = new AbortController();
  /** When the last one has come. */
  readonly #complete: Promise<boolean>;
  #completed!: (isComplete: true) => void;
  #isWorthWaiting = true;

  private constructor(group: HostGroup, options: LeadOptions) {
    this.#group = group;
    this.#options = { lateMs: LATE_MS, say: () => undefined, ...options };
    this.#complete = new Promise((resolve) => (this.#completed = resolve));
    this.#server = createServer((socket) => void this.#receive(new FramedSocket(socket)));
  }

  /**
   * Waits at the group's address for the others, which come when they like. Other programs that this
   * process starts are none of the group.
   *
   * @throws COORDINATOR_UNUSABLE
   */
  static async lead(group: HostGroup, options: LeadOptions): Promise<LedHosts> {
    const hosts = new LedHosts(group, options);
    await hosts.#listen();
    process.env['EDDY_HOST_COUNT'] = '1';
    leading = hosts;
    return hosts;
  }

  /** Where it listens. */
  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  /**
   * Has every other host start an engine's process, in the order of their ranks.
   *
   * @throws HOSTS_MISSING, HOST_LOST, and what starting it throws there
   */
  async open(engine: string, config: unknown): Promise<OpenedHost[]> {
    await this.#allJoined();
    const ranks = [...this.#hosts.keys()].sort((a, b) => a - b);
    return Promise.all(ranks.map((rank) => this.#hosts.get(rank)!.open(engine, config)));
  }

  /** Lets the others go; who is on the way is told, too, and does not wait for nobody. */
  async close(): Promise<void> {
    leading = null;
    this.#closing.abort();
    if (this.#isWorthWaiting) await this.#haveCome(this.#options.lateMs);
    this.#server.close();
    for (const visitor of this.#visitors) visitor.destroy();
    await Promise.all([...this.#hosts.values()].map((host) => host.dismiss()));
  }

  async #listen(): Promise<void> {
    const { coordinator } = this.#group;
    const { host, port } = coordinatorAddress(coordinator)!;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (cause) => {
        reject(coordinatorUnusable({ coordinator, cause }));
      });
      // A host's own name may mean an address of its own that no other reaches: then all of them.
      const address = LOOPBACK.test(host) ? { host } : {};
      this.#server.listen({ port, ...address }, resolve);
    });
    this.#server.unref();
  }

  async #receive(socket: FramedSocket): Promise<void> {
    const admit = (rank: number, size: number) => {
      if (size !== this.#group.size) return `${size} hosts there, ${this.#group.size} here`;
      if (!Number.isInteger(rank) || rank < 1 || rank >= size) return `no such rank: ${rank}`;
      return this.#hosts.has(rank) ? `rank ${rank} is already connected` : undefined;
    };
    this.#visitors.add(socket);
    const visitor = await receiveHost(socket, this.#options.token, admit);
    this.#visitors.delete(socket);
    if ('refused' in visitor) {
      this.#options.say(`a process that wanted to join was refused: ${visitor.refused}`);
      await socket.end();
      return;
    }
    this.#hosts.set(visitor.rank, new LedHost(`host ${visitor.rank} (${visitor.host})`, socket));
    if (this.#missing().length === 0) this.#completed(true);
  }

  #missing(): number[] {
    const others = Array.from({ length: this.#group.size - 1 }, (_, i) => i + 1);
    return others.filter((rank) => !this.#hosts.has(rank));
  }

  async #allJoined(): Promise<void> {
    if (this.#missing().length === 0) return;
    const { waitMs, say } = this.#options;
    const { coordinator, size } = this.#group;
    say(`waiting at ${coordinator} for rank ${this.#missing().join(', ')} of ${size}`);
    if (await this.#haveCome(waitMs, this.#closing.signal)) return;
    this.#isWorthWaiting = false;
    throw hostsMissing({ coordinator, size, missing: this.#missing(), seconds: waitMs / 1000 });
  }

  /** Whether all come within so long. */
  async #haveCome(ms: number, giveUp?: AbortSignal): Promise<boolean> {
    const decided = new AbortController();
    const signals = [decided.signal, ...(giveUp === undefined ? [] : [giveUp])];
    const late = delay(ms, false, { signal: AbortSignal.any(signals) }).catch(() => false);
    try {
      return this.#missing().length === 0 || (await Promise.race([this.#complete, late]));
    } finally {
      decided.abort();
    }
  }
}

/** One other host. */
class LedHost {
  readonly #place: string;
  readonly #socket: FramedSocket;
  /** Of the engine's process there, while there is one. */
  #link: HostLink | undefined;
  #opening: { resolve(offer: HostOffer): void; reject(error: Error): void } | undefined;
  #lost: EddyError | undefined;

  constructor(place: string, socket: FramedSocket) {
    this.#place = place;
    this.#socket = socket;
    socket.unref();
    socket.listen((message) => {
      this.#receive(message as FromHost);
    });
    socket.onClose((received) => {
      this.#lose(hostLost({ place, received }));
    });
  }

  async open(engine: string, config: unknown): Promise<OpenedHost> {
    if (this.#lost !== undefined) throw this.#lost;
    this.#link = undefined;
    const offer = await new Promise<HostOffer>((resolve, reject) => {
      this.#opening = { resolve, reject };
      this.#socket.ref();
      this.#send({ type: 'open', engine, config });
    });
    const link = new HostLink({
      send: (body, sent) => {
        this.#send({ type: 'message', body }, sent);
      },
      hold: (isHeld) => {
        if (isHeld) this.#socket.ref();
        else this.#socket.unref();
      },
      giveUp: (reason) => {
        this.#lost ??= hostLost({ place: this.#place, received: reason });
        this.#socket.destroy();
        return this.#lost;
      },
      end: () => {
        if (this.#link === link) this.#link = undefined;
        this.#send({ type: 'close' });
      },
    });
    this.#link = link;
    return { place: this.#place, link, offer };
  }

  async dismiss(): Promise<void> {
    this.#send({ type: 'bye' });
    await this.#socket.end();
  }

  #send(message: ToHost, sent?: (error: Error | null) => void): void {
    this.#socket.send(message, sent);
  }

  #receive(message: FromHost): void {
    switch (message.type) {
      case 'opened':
        this.#opening?.resolve(message.offer);
        this.#opening = undefined;
        break;
      case 'message':
        this.#link?.receive(message.body);
        break;
      case 'gone': {
        const at = [this.#place, message.facts.at].filter((part) => part !== undefined).join(', ');
        this.#fail(new EddyError({ ...message.facts, at }));
        break;
      }
    }
  }

  #lose(error: EddyError): void {
    this.#lost ??= error;
    this.#fail(this.#lost);
  }

  #fail(error: EddyError): void {
    this.#opening?.reject(error);
    this.#opening = undefined;
    this.#link?.fail(error);
    this.#link = undefined;
  }
}

interface HostLinkActions {
  send(body: unknown, sent: (error: Error | null) => void): void;
  hold(isHeld: boolean): void;
  giveUp(reason: string): Error;
  end(): void;
}

/** The way to an engine's process on another host. */
class HostLink implements EngineLink {
  readonly pid = undefined;
  readonly #actions: HostLinkActions;
  readonly #messageListeners: ((message: unknown) => void)[] = [];
  readonly #goneListeners: ((error: Error) => void)[] = [];

  constructor(actions: HostLinkActions) {
    this.#actions = actions;
  }

  send(message: unknown, sent: (error: Error | null) => void): void {
    this.#actions.send(message, sent);
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#messageListeners.push(listener);
  }

  onGone(listener: (error: Error) => void): void {
    this.#goneListeners.push(listener);
  }

  giveUp(reason: string): Error {
    return this.#actions.giveUp(reason);
  }

  end(): Promise<void> {
    this.#actions.end();
    return Promise.resolve();
  }

  holdOpen(hold: boolean): void {
    this.#actions.hold(hold);
  }

  receive(message: unknown): void {
    for (const listener of this.#messageListeners) listener(message);
  }

  fail(error: Error): void {
    for (const listener of this.#goneListeners) listener(error);
  }
}

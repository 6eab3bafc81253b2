/** A process of another rank than 0: forks engines for the first host until that lets it go. */
import { connect, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';

import { EddyError, InternalError, type ErrorFacts } from '@eddy/tensor/errors';
import type { Services } from '@eddy/core';

import type { XlaEngineOptions } from '../pjrt/xla-engine.ts';
import type { ForkedProcess } from '../process/forked-process.ts';
import { machine } from '@eddy/installer';
import { coordinatorAddress } from './coordinator-address.ts';
import { hostLost, hostRefused } from './errors.ts';
import { FramedSocket } from './framed-socket.ts';
import { introduceHost } from './handshake.ts';
import type { HostGroup } from './launcher.ts';
import type { FromHost, ToHost } from './messages.ts';

const RETRY_MS = 200;

/** What to do about these is the first host's decision: it saves first, and needs this one for it. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1'] as const;

export interface FollowOptions {
  readonly findToken: () => string | undefined;
  readonly services: Pick<Services, 'cacheFolder' | 'offline' | 'notify'>;
  /** How long the first host may take to start. */
  readonly waitMs: number;
}

/**
 * Works for the first host; resolves when its command is over.
 *
 * @throws HOST_LOST, HOST_REFUSED
 */
export async function followHosts(group: HostGroup, options: FollowOptions): Promise<void> {
  const { coordinator } = group;
  const socket = new FramedSocket(await connection(coordinator, options.waitMs));
  const closed = new Promise<string>((resolve) => {
    socket.onClose(resolve);
  });
  try {
    const refused = await introduceHost(socket, group, options.findToken);
    if (refused !== undefined) throw hostRefused({ coordinator, received: refused });
  } catch (error) {
    socket.destroy();
    throw error;
  }
  for (const signal of SIGNALS) process.on(signal, ignore);
  const servant = new Servant(socket, options);
  try {
    const received = await Promise.race([servant.dismissed, closed]);
    if (received === undefined) return;
    throw hostLost({ place: `host 0 (${coordinator})`, received });
  } finally {
    await servant.end();
    socket.destroy();
    for (const signal of SIGNALS) process.off(signal, ignore);
  }
}

class Servant {
  /** When the first host has let this one go. */
  readonly dismissed: Promise<undefined>;
  readonly #socket: FramedSocket;
  readonly #options: FollowOptions;
  #child: ForkedProcess | undefined;
  #isOver = false;
  /** One thing after the other. */
  #work = Promise.resolve();

  constructor(socket: FramedSocket, options: FollowOptions) {
    this.#socket = socket;
    this.#options = options;
    this.dismissed = new Promise((resolve) => {
      socket.listen((message) => {
        const request = message as ToHost;
        if (request.type === 'bye') resolve(undefined);
        else this.#work = this.#work.then(() => this.#handle(request));
      });
    });
  }

  /** Ends the engine; one that is yet to be forked is not any more. */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.#endChild();
  }

  async #endChild(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    await child?.end();
  }

  async #handle(request: Exclude<ToHost, { type: 'bye' }>): Promise<void> {
    switch (request.type) {
      case 'open':
        await this.#endChild();
        await this.#open(request.engine, request.config);
        break;
      case 'message':
        this.#child?.send(request.body, ignore);
        break;
      case 'close':
        await this.#endChild();
        break;
    }
  }

  async #open(engine: string, config: unknown): Promise<void> {
    try {
      const options = withOwnFlags(await optionsFor(engine, config, this.#options.services));
      const { forkXla } = await import('../pjrt/xla-engine.ts');
      if (this.#isOver) return;
      const child = forkXla(options);
      this.#child = child;
      child.onMessage((body) => {
        if (this.#child === child) this.#send({ type: 'message', body });
      });
      child.onGone((error) => {
        if (this.#child === child) this.#send({ type: 'gone', facts: factsOf(error) });
      });
      this.#send({ type: 'opened', offer: { options, machine: machine() } });
    } catch (error) {
      this.#send({ type: 'gone', facts: factsOf(error) });
    }
  }

  #send(message: FromHost): void {
    this.#socket.send(message);
  }
}

/** The engine's options on this host: its own installation, cache and processor. */
async function optionsFor(engine: string, config: unknown, services: FollowOptions['services']) {
  if (engine === 'xla-cpu') {
    const { xlaCpuConfig, xlaCpuOptions } = await import('../pjrt/xla-cpu-options.ts');
    return xlaCpuOptions(xlaCpuConfig.parse(config), services);
  }
  if (engine === 'xla-cuda') {
    const { xlaCudaConfig, xlaCudaOptions } = await import('../pjrt/xla-cuda-options.ts');
    return xlaCudaOptions(xlaCudaConfig.parse(config), services);
  }
  throw new InternalError(`engine ${engine} was asked for on another host`);
}

/** XLA_FLAGS of this host, which the first one would not know of. */
function withOwnFlags(options: XlaEngineOptions): XlaEngineOptions {
  return { xlaFlags: process.env['XLA_FLAGS'] ?? '', ...options };
}

/** An error as it crosses to the first host. */
function factsOf(error: unknown): Omit<ErrorFacts, 'cause'> {
  if (error instanceof EddyError) {
    const { cause: _cause, ...facts } = error.facts;
    return facts;
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: 'INTERNAL', message, fix: 'report it with this message' };
}

async function connection(coordinator: string, waitMs: number): Promise<Socket> {
  const address = coordinatorAddress(coordinator)!;
  const until = performance.now() + waitMs;
  for (;;) {
    try {
      return await opened(address.host, address.port);
    } catch (cause) {
      if (performance.now() > until) {
        const received = `no answer for ${waitMs / 1000} s: ${String(cause)}`;
        throw hostLost({ place: `host 0 (${coordinator})`, received, cause });
      }
      await setTimeout(RETRY_MS);
    }
  }
}

function opened(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host, () => {
      socket.off('error', reject);
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

function ignore(): void {
  // See SIGNALS; and a message to a process that is gone says nothing.
}

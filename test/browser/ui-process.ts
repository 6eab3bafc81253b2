/** `pipeline ui` as users start it, for tests of its server and its pages. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { resolve } from 'node:path';

const BIN = resolve(import.meta.dirname, '../../packages/cli/bin/pipeline.js');

export interface UiProcess {
  /** With the token behind `#`. */
  readonly url: string;
  readonly port: number;
  readonly token: string;
  readonly child: ChildProcess;
  /** Resident memory in bytes, as Linux counts it. */
  memory(): number;
  /** Ends the server and waits for its end. */
  stop(): Promise<void>;
}

/** Starts the page for a folder and waits until it listens. */
export async function startUiProcess(folder: string, nodeOptions = ''): Promise<UiProcess> {
  const child = spawn(process.execPath, [BIN, 'ui', folder, '--json', '--no-open'], {
    env: { ...process.env, NODE_OPTIONS: nodeOptions },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  const url = await new Promise<string>((use, refuse) => {
    child.stdout.on('data', (text: Buffer) => {
      stdout += text.toString();
      if (stdout.includes('\n')) use((JSON.parse(stdout) as { url: string }).url);
    });
    child.once('exit', () => refuse(new Error(`pipeline ui ended: ${stderr}`)));
  });
  const { port, hash } = new URL(url);
  return {
    url,
    port: Number(port),
    token: hash.slice('#token='.length),
    child,
    memory: () => {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      return 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]);
    },
    stop: () =>
      new Promise((done) => {
        if (child.exitCode !== null || child.signalCode !== null) return done();
        child.once('exit', () => done());
        child.kill('SIGTERM');
      }),
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends a request with exactly these headers. */
export function send(
  { port }: Pick<UiProcess, 'port'>,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  { method = 'GET', body }: { readonly method?: string; readonly body?: string } = {},
): Promise<Answer> {
  return new Promise((use, refuse) => {
    const request = httpRequest(
      { host: '127.0.0.1', port, path, method, headers, setHost: false, agent: false },
      (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('end', () =>
          use({
            status: response.statusCode!,
            headers: response.headers,
            body: Buffer.concat(pieces).toString(),
          }),
        );
        response.on('error', refuse);
      },
    );
    request.on('error', refuse);
    request.end(body);
  });
}

/**
 * Writes bytes to the server and resolves with what it answers until it closes, or has been silent for
 * `patienceMs`.
 */
export function sendRaw(
  { port }: Pick<UiProcess, 'port'>,
  bytes: Uint8Array | string,
  patienceMs = 500,
): Promise<string> {
  return new Promise((use) => {
    const pieces: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    const end = () => {
      socket.destroy();
      use(Buffer.concat(pieces).toString('latin1'));
    };
    socket.setTimeout(patienceMs, end);
    socket.on('data', (piece: Buffer) => pieces.push(piece));
    socket.on('error', () => undefined);
    socket.on('close', end);
  });
}

/** HF_ENDPOINT and proxies: a fake hub and a proxy on loopback. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { HUB, hubAddress, proxyOf } from './hub-address.ts';
import { hubFile } from './hub-file.ts';

const CONTENT = 'question,answer\n';

let folder: string;
let hub: Server;
let proxy: Server;
let asked: string[];
let tunnelled: string[];

async function listening(server: Server): Promise<Server> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
const addressOf = (server: Server) => `127.0.0.1:${(server.address() as AddressInfo).port}`;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'eddy-proxy-'));
  [asked, tunnelled] = [[], []];
  hub = await listening(
    createServer((request, response) => {
      asked.push(request.url!);
      if (request.headers.range === 'bytes=0-0') {
        const range = `bytes 0-0/${CONTENT.length}`;
        response.writeHead(206, { 'Content-Range': range, ETag: '"x"' }).end(CONTENT[0]);
      } else response.writeHead(200, { ETag: '"x"' }).end(CONTENT);
    }),
  );
  // Leads every tunnel to the fake hub, whatever host it was asked for.
  proxy = await listening(
    createServer((_request, response) => void response.writeHead(501).end()).on(
      'connect',
      (request, socket, head) => {
        tunnelled.push(`${request.url!} ${request.headers['proxy-authorization'] ?? ''}`.trim());
        const { port } = hub.address() as AddressInfo;
        const target = connect(port, '127.0.0.1', () => {
          socket.write('HTTP/1.1 200 OK\r\n\r\n');
          target.write(head);
          target.pipe(socket).pipe(target);
        });
        target.on('error', () => socket.destroy());
        socket.on('error', () => target.destroy());
      },
    ),
  );
});
afterEach(async () => {
  for (const server of [hub, proxy]) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  await rm(folder, { recursive: true });
});

const said: string[] = [];
const fetched = async (environment: Record<string, string>, hubUrl?: string) => {
  const wanted = { repo: 'a/b', revision: 'main', file: 'train.csv', hubUrl };
  const notify = (_: string, text: string) => void said.push(text);
  const services = { cacheFolder: folder, offline: false, notify };
  return readFile(await hubFile(wanted, services, undefined, environment), 'utf8');
};

describe('HF_ENDPOINT', () => {
  it('is asked in place of huggingface.co, and the config in place of both', async () => {
    expect(await fetched({ HF_ENDPOINT: `http://${addressOf(hub)}/` })).toBe(CONTENT);
    expect(asked[0]).toBe('/datasets/a/b/resolve/main/train.csv');
    expect(said.at(-1)).toContain(` from http://${addressOf(hub)}, `);
    await rm(path.join(folder, 'hub'), { recursive: true });
    const elsewhere = { HF_ENDPOINT: 'http://127.0.0.1:1' };
    expect(await fetched(elsewhere, `http://${addressOf(hub)}`)).toBe(CONTENT);
  });

  it.each([
    [{}, HUB],
    [{ HF_ENDPOINT: '' }, HUB],
    [{ HF_ENDPOINT: 'https://hf-mirror.example/' }, 'https://hf-mirror.example'],
  ])('%j', (environment, address) => {
    expect(hubAddress(undefined, environment)).toBe(address);
  });

  it.each(['hf-mirror.example', 'ftp://x', 'file:///x'])('%s is no address', (HF_ENDPOINT) => {
    expect(() => hubAddress(undefined, { HF_ENDPOINT })).toThrow('HUB_ENDPOINT_INVALID');
  });
});

describe('proxies', () => {
  it.each(['http_proxy', 'HTTP_PROXY'])('%s is gone through', async (name) => {
    const environment = { [name]: `http://user:secret@${addressOf(proxy)}` };
    expect(await fetched(environment, 'http://hub.example')).toBe(CONTENT);
    const login = `Basic ${Buffer.from('user:secret').toString('base64')}`;
    expect(new Set(tunnelled)).toEqual(new Set([`hub.example:80 ${login}`]));
    expect(asked.length).toBeGreaterThan(0);
  });

  it.each(['https_proxy', 'HTTPS_PROXY'])(
    '%s is gone through, and an error says so without its password',
    async (name) => {
      const environment = { [name]: `http://user:secret@${addressOf(proxy)}` };
      // The fake hub has no TLS, so that the tunnel opens and fails.
      await expect(fetched(environment, 'https://hub.example')).rejects.toMatchObject({
        code: 'DOWNLOAD_FAILED',
        facts: { at: `https://hub.example, through the proxy http://${addressOf(proxy)}` },
      });
      expect(tunnelled[0]).toMatch(/^hub\.example:443 Basic /);
    },
  );

  it('NO_PROXY is not', async () => {
    const environment = { HTTP_PROXY: `http://${addressOf(proxy)}`, NO_PROXY: '127.0.0.1' };
    expect(await fetched(environment, `http://${addressOf(hub)}`)).toBe(CONTENT);
    expect(tunnelled).toEqual([]);
    const of = (NO_PROXY: string) =>
      proxyOf('https://hub.example', { HTTPS_PROXY: 'http://p:1', NO_PROXY });
    expect(['*', 'example', '.example', 'hub.example:443'].map(of)).toEqual(
      Array(4).fill(undefined),
    );
    expect(['', 'b.example', 'hub'].map(of)).toEqual(Array(3).fill('http://p:1'));
  });

  it('that are no URL are an error that names them', async () => {
    await expect(fetched({ HTTPS_PROXY: 'nonsense' }, 'https://hub.example')).rejects.toMatchObject(
      {
        code: 'DOWNLOAD_FAILED',
        facts: {
          fix: expect.stringContaining('check the proxy (HTTPS_PROXY, NO_PROXY)') as string,
        },
      },
    );
  });
});

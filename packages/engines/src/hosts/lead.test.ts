import { once } from 'node:events';
import { truncateSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freshFolder } from '@eddy/core/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { followHosts } from './follow.ts';
import { LedHosts, type LeadOptions } from './lead.ts';
// What another host loads when it is asked for an engine.
import '../pjrt/xla-engine.ts';
import '../pjrt/xla-cuda-options.ts';

const folder = freshFolder();

const OPTIONS: LeadOptions = { token: 'ours', waitMs: 100, lateMs: 0 };
const services = { cacheFolder: '/nowhere', offline: true, notify: () => undefined };

const opened: LedHosts[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((hosts) => hosts.close()));
});

async function lead(size: number, options: Partial<LeadOptions> = {}): Promise<LedHosts> {
  const group = { rank: 0, size, coordinator: '127.0.0.1:0' };
  const hosts = await LedHosts.lead(group, { ...OPTIONS, ...options });
  opened.push(hosts);
  return hosts;
}

/** As another process of the group would. */
function follow(port: number, rank: number, size: number, token = OPTIONS.token): Promise<void> {
  const group = { rank, size, coordinator: `127.0.0.1:${port}` };
  return followHosts(group, { findToken: () => token, services, waitMs: 2000 });
}

describe('the first host', () => {
  it('waits no longer than it may, and says who is missing', async () => {
    const said: string[] = [];
    const hosts = await lead(4, { say: (text) => said.push(text) });
    const second = follow(hosts.port, 2, 4);
    await expect(hosts.open('xla-cpu', {})).rejects.toMatchObject({
      code: 'HOSTS_MISSING',
      facts: {
        at: '127.0.0.1:0',
        expected: '4 hosts within 0.1 s',
        received: 'nothing of rank 1, 3',
        fix: expect.stringContaining('EDDY_HOST_WAIT') as string,
      },
    });
    expect(said).toEqual(['waiting at 127.0.0.1:0 for rank 1, 2, 3 of 4']);
    await hosts.close();
    await second; // the one that had come is let go
  });

  it('that cannot listen says why', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const coordinator = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    await expect(LedHosts.lead({ rank: 0, size: 2, coordinator }, OPTIONS)).rejects.toMatchObject({
      code: 'COORDINATOR_UNUSABLE',
      exitCode: 2,
      facts: {
        at: coordinator,
        expected: 'a free port of this host',
        received: expect.stringContaining('EADDRINUSE') as string,
        fix: 'give all processes a free port: `export EDDY_COORDINATOR=HOST:PORT`',
      },
    });
    server.close();
  });

  it('at its end gives who is on the way a moment to hear of it', async () => {
    const hosts = await lead(2, { lateMs: 5000 });
    const closing = hosts.close();
    await delay(50);
    await follow(hosts.port, 1, 2);
    await closing;
  });

  it('stops waiting when its command is over', async () => {
    const hosts = await lead(2, { waitMs: 60_000 });
    const opening = expect(hosts.open('xla-cpu', {})).rejects.toMatchObject({
      code: 'HOSTS_MISSING',
    });
    await hosts.close();
    await opening;
  });

  it('turns away another token, number of hosts or rank, and a rank that has come', async () => {
    const said: string[] = [];
    const hosts = await lead(3, { say: (text) => said.push(text) });
    const first = follow(hosts.port, 1, 3);
    await delay(100);
    const refused = (received: string) => ({ code: 'HOST_REFUSED', facts: { received } });
    await expect(follow(hosts.port, 2, 3, 'theirs')).rejects.toMatchObject(
      refused('it has the wrong token'),
    );
    await expect(follow(hosts.port, 2, 4)).rejects.toMatchObject(refused('4 hosts there, 3 here'));
    await expect(follow(hosts.port, 3, 3)).rejects.toMatchObject(refused('no such rank: 3'));
    await expect(follow(hosts.port, 1, 3)).rejects.toMatchObject(
      refused('rank 1 is already connected'),
    );
    expect(said).toHaveLength(4);
    await hosts.close();
    await first;
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['half a message', Buffer.of(100, 0, 0, 0, 1)],
    ['no message of Eddy', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['no object', Buffer.from('\x04\x00\x00\x00null')],
    ['an object of something else', Buffer.from('\x02\x00\x00\x00{}')],
  ])('does not mind a stranger that says %s', async (_, bytes) => {
    const hosts = await lead(2);
    const stranger = connect(hosts.port, '127.0.0.1');
    stranger.resume();
    await once(stranger, 'connect');
    stranger.write(bytes);
    await delay(50);
    await hosts.close();
    if (!stranger.closed) await once(stranger, 'close');
  });
});

describe('another host', () => {
  it('ends where nobody answers', async () => {
    const group = { rank: 1, size: 2, coordinator: '127.0.0.1:1' };
    const options = { findToken: () => 'ours', services, waitMs: 300 };
    await expect(followHosts(group, options)).rejects.toMatchObject({
      code: 'HOST_LOST',
      facts: {
        at: 'host 0 (127.0.0.1:1)',
        received: expect.stringMatching(/^no answer for 0.3 s: .*ECONNREFUSED/) as string,
      },
    });
  });

  it('does not show what it knows to a first host that cannot know it', async () => {
    const server = createServer((socket) => socket.end('\x02\x00\x00\x00{}')).listen(
      0,
      '127.0.0.1',
    );
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await expect(follow(port, 1, 2)).rejects.toMatchObject({
      code: 'HOST_REFUSED',
      facts: { received: 'rank 0 closed the connection' },
    });
    server.close();
  });

  it('that is let go while it makes an engine ready forks none', async () => {
    const plugin = join(folder.path, 'plugin.so');
    writeFileSync(plugin, '');
    truncateSync(plugin, 2 ** 24); // its digest takes a moment
    vi.stubEnv('PJRT_CUDA_PLUGIN', plugin);
    try {
      const hosts = await lead(2, { waitMs: 2000 });
      const second = follow(hosts.port, 1, 2);
      await delay(100);
      const opening = expect(hosts.open('xla-cuda', {})).rejects.toMatchObject({
        code: 'HOST_LOST',
      });
      await delay(0);
      await hosts.close();
      await opening;
      await second;
      await delay(1000);
      expect(process.getActiveResourcesInfo()).not.toContain('ProcessWrap');
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it('ends where it finds no token', async () => {
    const hosts = await lead(2);
    const group = { rank: 1, size: 2, coordinator: `127.0.0.1:${hosts.port}` };
    const options = { findToken: () => undefined, services, waitMs: 1000 };
    await expect(followHosts(group, options)).rejects.toMatchObject({
      code: 'HOST_REFUSED',
      facts: { received: 'this host has no token' },
    });
  });
});

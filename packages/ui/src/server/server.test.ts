import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { acquireRunLock } from '@eddy/core/files';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { RunsView } from '../api/runs.ts';
import { MadeRun } from '../testing/made-run.ts';
import { NO_SERVICES, startTestUi, type TestUi } from '../testing/test-ui.ts';
import { startUi } from './start-ui.ts';

let place: TestUi;
let run: MadeRun;
let id: string;

beforeAll(async () => {
  place = await startTestUi((runs) => {
    run = new MadeRun(join(runs, 'one')).steps(1, 50).evaluation(50, 0.5);
  });
  id = (JSON.parse((await place.get('/api/runs')).text) as RunsView).rows[0]!.id;
});
afterAll(() => place.end());

describe('Host × Origin × token', () => {
  const hosts = {
    right: () => `127.0.0.1:${place.ui.port}`,
    name: () => `localhost:${place.ui.port}`,
    foreign: () => `evil.example:${place.ui.port}`,
    'other port': () => '127.0.0.1:1',
  };
  const origins = {
    none: () => undefined,
    right: () => `http://127.0.0.1:${place.ui.port}`,
    foreign: () => 'http://evil.example',
    null: () => 'null',
  };
  const tokens = {
    right: () => `Bearer ${place.ui.token}`,
    none: () => undefined,
    wrong: () => `Bearer ${place.ui.token.slice(1)}x`,
  };
  const cases = Object.keys(hosts).flatMap((host) =>
    Object.keys(origins).flatMap((origin) =>
      Object.keys(tokens).map((token) => [host, origin, token] as const),
    ),
  );
  it.each(cases)('host %s, origin %s, token %s', async (host, origin, token) => {
    const given = {
      host: hosts[host as keyof typeof hosts](),
      origin: origins[origin as keyof typeof origins](),
      authorization: tokens[token as keyof typeof tokens](),
    };
    const headers = Object.fromEntries(
      Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
    const isOurs = ['right', 'name'].includes(host) && ['none', 'right'].includes(origin);
    const expected = isOurs ? (token === 'right' ? 200 : 401) : 403;
    const { status, text } = await place.send('/api/runs', { headers });
    expect(status).toBe(expected);
    if (expected !== 200) expect(text).not.toContain('"rows"');
  });

  it('refuses requests of other sites that send no Origin', async () => {
    const headers = { authorization: `Bearer ${place.ui.token}`, 'sec-fetch-site': 'cross-site' };
    expect((await place.send('/api/runs', { headers })).status).toBe(403);
  });
});

describe('the page', () => {
  it('needs no token and has a policy that allows nothing inline and nothing from elsewhere', async () => {
    const { status, headers, text } = await place.send('/');
    expect(status).toBe(200);
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; " +
        "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    );
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
    });
    expect(text).not.toMatch(/<script(?![^>]*src=)|style=|https?:/);
    expect((await place.send('/page.js')).text).toBe('/* page */');
  });

  it.each([
    ...['/../package.json', '/page.js/..%2f..%2fpackage.json', '/%2e%2e/runs/one/journal.jsonl'],
    ...['/runs/one/manifest.json', '//etc/passwd', '/page.js%00.css', '/Page.js', '/page.js.map'],
    ...['/api/../page/secret', '/..\\..\\x', '/C:/x', '/./page.js%2e'],
  ])('is nothing but its files: %s', async (path) => {
    const { status, text } = await place.send(path);
    expect([400, 401, 404]).toContain(status);
    expect(text).not.toContain('eddy-run');
  });
});

describe('runs', () => {
  it.each([
    ...['../one', '..%2fone', 'one', '%2e%2e', 'a'.repeat(5000), '__proto__', '%00', '*'],
    ...['/etc/passwd', '%2fetc%2fpasswd', 'constructor', '-1'],
  ])('are named by ids only: %s', async (name) => {
    for (const path of [`/api/runs/${name}`, `/api/runs/${name}/series?metric=loss`]) {
      expect([400, 404]).toContain((await place.get(path)).status);
    }
  });

  it('refuse links: a journal or config elsewhere is not read', async () => {
    const secret = join(place.folder, 'secret');
    writeFileSync(secret, '{"timeMs":1,"type":"message","level":"info","text":"SECRET"}\n');
    const other = new MadeRun(join(place.folder, 'runs', 'linked'));
    rmSync(other.journalPath);
    rmSync(join(other.path, 'config.yml'));
    symlinkSync(secret, other.journalPath);
    symlinkSync(secret, join(other.path, 'config.yml'));
    mkdirSync(join(place.folder, 'outside'));
    new MadeRun(join(place.folder, 'outside', 'far'));
    symlinkSync(join(place.folder, 'outside'), join(place.folder, 'runs', 'outside'));
    const { rows } = JSON.parse((await place.get('/api/runs')).text) as RunsView;
    expect(rows.map(({ folder }) => folder.split('/').at(-1)).sort()).toEqual(['linked', 'one']);
    const linked = rows.find(({ folder }) => folder.endsWith('linked'))!.id;
    for (const path of ['', '/config', '/series?metric=loss']) {
      expect((await place.get(`/api/runs/${linked}${path}`)).text).not.toContain('SECRET');
    }
    rmSync(other.path, { recursive: true });
  });

  it('have series with checked bounds', async () => {
    const path = `/api/runs/${id}/series?metric=lm_loss`;
    for (const wrong of ['points=0', 'points=1e9', 'from=x', 'smoothing=1', 'set=', 'to=NaN']) {
      expect([400, 404]).toContain((await place.get(`${path}&${wrong}`)).status);
    }
    const [series] = JSON.parse((await place.get(`${path}&from=2&to=3`)).text) as unknown[];
    expect(series).toMatchObject({ steps: [2, 3], values: [1 / 2, 1 / 3], total: 2 });
  });

  it('say what is wrong with a damaged folder', async () => {
    const broken = new MadeRun(join(place.folder, 'runs', 'broken'));
    const { rows } = JSON.parse((await place.get('/api/runs')).text) as RunsView;
    const { id: brokenId } = rows.find(({ folder }) => folder.endsWith('broken'))!;
    writeFileSync(join(broken.path, 'manifest.json'), '{"format":');
    const { status, text } = await place.get(`/api/runs/${brokenId}`);
    expect([status, JSON.parse(text)]).toMatchObject([422, { code: 'RUN_MANIFEST_INVALID' }]);
    rmSync(broken.path, { recursive: true });
    expect([404, 422]).toContain((await place.get(`/api/runs/${brokenId}`)).status);
  });
});

describe('actions', () => {
  const post = (path: string, more: Record<string, string> = {}, body = '{}') =>
    place.send(path, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${place.ui.token}`,
        'content-type': 'application/json',
        ...more,
      },
      body,
    });

  it('need the token, JSON and a small body', async () => {
    const path = `/api/runs/${id}/stop`;
    expect((await post(path, { authorization: '' })).status).toBe(401);
    expect((await post(path, { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await post(path, {}, ' '.repeat(70_000))).status).toBe(413);
    expect((await place.get(path)).status).toBe(404);
  });

  it('stop nothing where nothing runs', async () => {
    const { status, text } = await post(`/api/runs/${id}/stop`);
    expect([status, JSON.parse(text)]).toMatchObject([409, { code: 'UI_NOT_RUNNING' }]);
  });

  it('signal the process that holds the lock, and no other', async () => {
    const other = new MadeRun(join(place.folder, 'runs', 'locked')).steps(1, 2);
    const lockPath = join(other.path, 'lock');
    const lock = await acquireRunLock(lockPath);
    const { rows } = JSON.parse((await place.get('/api/runs')).text) as RunsView;
    const path = `/api/runs/${rows.find(({ folder }) => folder.endsWith('locked'))!.id}`;
    const told = new Promise((resolve) => process.once('SIGUSR1', resolve));
    expect((await post(`${path}/save`)).status).toBe(200);
    await told;
    const recorded = readFileSync(join(other.path, 'actions.jsonl'), 'utf8');
    expect(JSON.parse(recorded)).toMatchObject({ action: 'save', pid: process.pid });

    const signature = JSON.parse(readFileSync(lockPath, 'utf8')) as object;
    for (const [wrong, code] of [
      // The parent lives, but does not have the lock.
      [{ pid: process.ppid }, 'UI_HOLDER_UNCERTAIN'],
      [{ host: 'elsewhere' }, 'UI_HOLDER_ELSEWHERE'],
      [{ pid: -1 }, 'UI_HOLDER_UNKNOWN'],
    ] as const) {
      writeFileSync(lockPath, JSON.stringify({ ...signature, ...wrong }));
      const { status, text } = await post(`${path}/stop`);
      expect([status, JSON.parse(text)]).toMatchObject([409, { code }]);
    }
    expect((await post(`${path}/resume`)).status).toBe(409);
    lock.release();
    rmSync(other.path, { recursive: true });
  });

  it('say the last words of a run that could not be resumed, and record the attempt', async () => {
    const { status, text } = await post(`/api/runs/${id}/resume`);
    expect([status, JSON.parse(text)]).toMatchObject([409, { code: 'UI_RESUME_FAILED' }]);
    const recorded = readFileSync(join(run.path, 'actions.jsonl'), 'utf8');
    expect(JSON.parse(recorded)).toMatchObject({ action: 'resume', by: 'pipeline ui' });
  });
});

describe('methods', () => {
  it.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'])('%s is refused', async (method) => {
    expect((await place.send('/api/runs', { method })).status).toBe(405);
  });
});

describe('where it listens', () => {
  it('is loopback only', ({ skip }) => {
    skip(process.platform !== 'linux', 'open sockets are read from /proc, which is Linux');
    const port = place.ui.port.toString(16).toUpperCase().padStart(4, '0');
    const sockets = ['tcp', 'tcp6'].flatMap((kind) =>
      readFileSync(`/proc/net/${kind}`, 'utf8')
        .split('\n')
        .map((line) => line.trim().split(/\s+/))
        // 0A: listening.
        .filter(([, local, , state]) => state === '0A' && local!.endsWith(`:${port}`)),
    );
    expect(sockets.map(([, local]) => local)).toEqual([`0100007F:${port}`]);
  });

  it.each(['0.0.0.0', '::', '192.168.0.1', 'example.com', ''])('refuses %s', async (host) => {
    const options = { folders: [place.folder], version: '0', host };
    const services = NO_SERVICES;
    await expect(startUi({ ...options, services })).rejects.toMatchObject({
      code: 'UI_HOST_NOT_LOOPBACK',
    });
  });

  it('refuses a port in use and a folder that is absent', async () => {
    const services = NO_SERVICES;
    const options = { version: '0', services, pageFolder: join(place.folder, 'page') };
    const port = place.ui.port;
    await expect(startUi({ ...options, folders: [place.folder], port })).rejects.toMatchObject({
      code: 'UI_PORT_TAKEN',
    });
    await expect(
      startUi({ ...options, folders: [place.folder], port: 99_999 }),
    ).rejects.toMatchObject({ code: 'UI_PORT_TAKEN' });
    await expect(startUi({ ...options, folders: ['/no/such'] })).rejects.toMatchObject({
      code: 'UI_FOLDER_NOT_FOUND',
    });
    await expect(
      startUi({ ...options, folders: [place.folder], pageFolder: '/no/such' }),
    ).rejects.toMatchObject({ code: 'UI_PAGE_NOT_BUILT' });
  });
});

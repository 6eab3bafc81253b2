/** The server of `pipeline ui` under attack: foreign pages, other users of the machine, damaged requests. */
import type { ChildProcess } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { networkInterfaces } from 'node:os';
import { connect } from 'node:net';
import { join } from 'node:path';

import { sharedFolder } from '@eddy/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { makeRun, makeRuns } from './example-runs.ts';
import { oddRequest } from './odd-requests.ts';
import { send, sendRaw, startUiProcess, type UiProcess } from './ui-process.ts';

const folder = sharedFolder();

let ui: UiProcess;
let running: ChildProcess;
let runId: string;
const bearer = () => ({ host: `127.0.0.1:${ui.port}`, authorization: `Bearer ${ui.token}` });

const SECRET = 'what lies outside of the runs';

beforeAll(async () => {
  const runs = join(folder.path, 'runs');
  running = await makeRuns(runs);
  writeFileSync(join(folder.path, 'secret.yml'), SECRET);
  mkdirSync(join(folder.path, 'outside/evaluations/step-00000001'), { recursive: true });
  writeFileSync(join(folder.path, 'outside/evaluations/step-00000001/metrics.json'), `"${SECRET}"`);
  writeFileSync(join(folder.path, 'outside/evaluations/step-00000001/trace.json'), `"${SECRET}"`);
  // Runs whose files are links that lead out.
  for (const [name, file] of [
    ['linked-config', 'config.yml'],
    ['linked-manifest', 'manifest.json'],
    ['linked-journal', 'journal.jsonl'],
  ] as const) {
    makeRun(join(runs, name), { name });
    writeFileSync(join(folder.path, `${name}.txt`), SECRET);
    const path = join(runs, name, file);
    rmSync(path);
    symlinkSync(join(folder.path, `${name}.txt`), path);
  }
  makeRun(join(runs, 'linked-evaluations'), { name: 'linked-evaluations' });
  symlinkSync(
    join(folder.path, 'outside/evaluations'),
    join(runs, 'linked-evaluations/evaluations'),
  );
  symlinkSync(join(folder.path, 'outside'), join(runs, 'linked-folder'));
  ui = await startUiProcess(runs);
  const { body } = await send(ui, '/api/runs', bearer());
  const { rows } = JSON.parse(body) as { rows: { id: string; name: string }[] };
  runId = rows.find(({ name }) => name === 'finished')!.id;
});
afterAll(async () => {
  running.kill('SIGKILL');
  await ui.stop();
});

describe('Host × Origin × token', () => {
  const hosts = ['own', 'foreign', 'absent'] as const;
  const origins = ['own', 'foreign', 'absent'] as const;
  const tokens = ['own', 'foreign', 'absent'] as const;
  const cases = hosts.flatMap((host) =>
    origins.flatMap((origin) => tokens.map((token) => [host, origin, token] as const)),
  );

  it.each(cases)('Host %s, Origin %s, token %s', async (host, origin, token) => {
    const own = `127.0.0.1:${ui.port}`;
    const headers = {
      ...(host === 'absent' ? {} : { host: host === 'own' ? own : `evil.example:${ui.port}` }),
      ...(origin === 'absent'
        ? {}
        : { origin: origin === 'own' ? `http://${own}` : 'http://evil.example' }),
      ...(token === 'absent'
        ? {}
        : { authorization: `Bearer ${token === 'own' ? ui.token : 'A'.repeat(ui.token.length)}` }),
    };
    const { status } = await send(ui, '/api/session', headers);
    // A browser sends no Origin with a GET of the same site.
    const isRight = host === 'own' && origin !== 'foreign' && token === 'own';
    if (isRight) expect(status).toBe(200);
    else
      expect(status).toBe(
        host !== 'own' ? (host === 'absent' ? 400 : 403) : origin === 'foreign' ? 403 : 401,
      );
  });

  it.each([
    ['another port', (port: number) => ({ host: `127.0.0.1:${port + 1}` })],
    ['no port', () => ({ host: '127.0.0.1' })],
    ['a name that ends like ours', (port: number) => ({ host: `evil127.0.0.1:${port}` })],
    [
      'a name that begins like ours',
      (port: number) => ({ host: `127.0.0.1.evil.example:${port}` }),
    ],
    ['a user before the name', (port: number) => ({ host: `127.0.0.1:${port}@evil.example` })],
    ['0.0.0.0', (port: number) => ({ host: `0.0.0.0:${port}` })],
    ['a trailing dot', (port: number) => ({ host: `localhost.:${port}` })],
  ])('refuses the Host with %s', async (_what, host) => {
    const { status } = await send(ui, '/', { ...bearer(), ...host(ui.port) });
    expect([400, 403]).toContain(status);
  });

  it.each([
    'null',
    'https://127.0.0.1',
    'http://127.0.0.1',
    'file://',
    'http://localhost.evil.example',
    '',
  ])('refuses the Origin %j', async (origin) => {
    expect((await send(ui, '/api/session', { ...bearer(), origin })).status).toBe(403);
  });

  it.each(['cross-site', 'same-site'])('refuses Sec-Fetch-Site: %s', async (site) => {
    const headers = { ...bearer(), 'sec-fetch-site': site };
    expect((await send(ui, '/api/session', headers)).status).toBe(403);
  });

  it.each([
    ['in the address', (token: string) => [`/api/session?token=${token}`, {}] as const],
    ['in a cookie', (token: string) => ['/api/session', { cookie: `token=${token}` }] as const],
    ['without Bearer', (token: string) => ['/api/session', { authorization: token }] as const],
    ['of another case', (t: string) => ['/api/session', { authorization: `bearer ${t}` }] as const],
    [
      'cut',
      (t: string) => ['/api/session', { authorization: `Bearer ${t.slice(0, -1)}` }] as const,
    ],
    ['twice', (t: string) => ['/api/session', { authorization: `Bearer ${t}${t}` }] as const],
  ])('refuses the token %s', async (_what, request) => {
    const [path, headers] = request(ui.token);
    expect((await send(ui, path, { host: `127.0.0.1:${ui.port}`, ...headers })).status).toBe(401);
  });

  it('gives the page itself without a token, with a strict policy, and nothing else', async () => {
    const { host } = bearer();
    for (const path of ['/', '/page.js', '/page.css']) {
      const { status, headers, body } = await send(ui, path, { host });
      expect(status).toBe(200);
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|https?:|\*/);
      expect(headers['access-control-allow-origin']).toBe(undefined);
      expect(body).not.toContain(ui.token);
    }
    for (const path of ['/api/runs', `/api/runs/${runId}`, '/api/live?topic=runs', '/api/none']) {
      expect((await send(ui, path, { host })).status).toBe(401);
    }
  });

  it('asks for JSON in actions, which no form can send', async () => {
    const path = `/api/runs/${runId}/stop`;
    const options = { method: 'POST', body: '{}' };
    const form = { ...bearer(), 'content-type': 'application/x-www-form-urlencoded' };
    expect((await send(ui, path, form, options)).status).toBe(415);
    expect(
      (await send(ui, path, { ...bearer(), 'content-type': 'text/plain' }, options)).status,
    ).toBe(415);
    for (const method of ['PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE']) {
      expect((await send(ui, path, bearer(), { method })).status).toBe(405);
    }
  });

  it('listens on loopback only', async () => {
    const lines = ['/proc/net/tcp', '/proc/net/tcp6']
      .filter(existsSync)
      .flatMap((file) => readFileSync(file, 'utf8').split('\n'));
    const port = ui.port.toString(16).toUpperCase().padStart(4, '0');
    const listening = lines.filter((line) => new RegExp(`:${port} \\S+ 0A `).test(line));
    expect(listening).toHaveLength(1);
    expect(listening[0]).toContain('0100007F:');
    for (const address of Object.values(networkInterfaces()).flat()) {
      if (address === undefined || address.internal || address.family !== 'IPv4') continue;
      const isOpen = await new Promise<boolean>((use) => {
        const socket = connect({ port: ui.port, host: address.address, timeout: 2000 });
        socket.on('connect', () => use(true));
        socket.on('error', () => use(false));
        socket.on('timeout', () => use(false));
      });
      expect(isOpen).toBe(false);
    }
  });
});

describe('paths that lead out', () => {
  const outs = [
    ...['..', '../..', '../../secret.yml', '..%2f..%2fsecret.yml', '%2e%2e/%2e%2e/secret.yml'],
    ...[
      '..%5c..%5csecret.yml',
      '....//....//secret.yml',
      '%252e%252e%252fsecret.yml',
      '/etc/passwd',
    ],
    ...['%2fetc%2fpasswd', 'file:///etc/passwd', '//evil.example/x', '\\\\evil\\share', 'C:%5cx'],
    ...['%00', 'finished%00.yml', './finished', 'finished/', 'FINISHED', 'finished', '~', '~root'],
    ...['*', '%c0%ae%c0%ae/secret.yml', '%uff0e%uff0e', '..;/', '%09', '%0a', '%ff', 'con', 'nul'],
    ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', '%E2%80%AE', 'a'.repeat(5000)],
  ];

  it.each(outs)('no run, evaluation, topic or file is called %s', async (out) => {
    /** What is not there, whatever a server makes of dots. */
    const absent = [
      `/page.js/${out}/x`,
      `/api/runs/${out}/config`,
      `/api/runs/${runId}/${out}/config`,
      `/api/runs/${runId}/reasoning/trace?evaluation=${out}`,
      `/api/live?topic=run/${out}`,
      `/api/sweeps/${out}/x`,
    ];
    for (const path of [...absent, `/${out}`, `/api/runs/${out}`, `/api/runs/${runId}/${out}`]) {
      // Such as node's client would refuse to send.
      const head = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${ui.port}\r\n`;
      const rest = `Authorization: Bearer ${ui.token}\r\nConnection: close\r\n\r\n`;
      const answer = await sendRaw(ui, head + rest, 5000);
      const status = Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
      const isRefused = status >= 400 && status < 500;
      expect({ path, status, isRefused }).toMatchObject(
        absent.includes(path) ? { isRefused: true } : { status: isRefused ? status : 200 },
      );
      expect(answer).not.toContain(SECRET);
      expect(answer).not.toContain('root:');
    }
  });

  it('reads nothing through a link in a run folder', async () => {
    const { body } = await send(ui, '/api/runs', bearer());
    expect(body).not.toContain(SECRET);
    const { rows } = JSON.parse(body) as { rows: { id: string; name: string; folder: string }[] };
    expect(rows.some(({ folder: at }) => at.includes('linked-folder'))).toBe(false);
    for (const { id } of rows) {
      for (const path of ['', '/config', '/reasoning', '/why', '/series?metric=lm_loss']) {
        const answer = await send(ui, `/api/runs/${id}${path}`, bearer());
        expect({ path, status: answer.status }).not.toMatchObject({ status: 500 });
        expect(answer.body).not.toContain(SECRET);
      }
      const trace = `/api/runs/${id}/reasoning/trace?evaluation=step-00000001`;
      expect((await send(ui, trace, bearer())).body).not.toContain(SECRET);
    }
  });
});

describe('10,000 malformed requests', () => {
  const COUNT = 10_000;
  const AT_ONCE = 16;

  it(
    'get no 5xx, and leave a server that is alive and no larger',
    { timeout: 600_000 },
    async () => {
      const statuses = new Map<string, number>();
      let sent = 0;
      const sender = async (until: number): Promise<void> => {
        while (sent < until) {
          const index = sent++;
          const request = oddRequest(index, { ui, runId });
          const answer = await sendRaw(ui, request, 60);
          for (const [, status] of answer.matchAll(/(?:^|\n)HTTP\/1\.1 (\d+) [A-Z]/g)) {
            statuses.set(status!, (statuses.get(status!) ?? 0) + 1);
            if (status!.startsWith('5')) {
              const shown = Buffer.from(request).toString('latin1').slice(0, 400);
              throw new Error(
                `case ${index}: ${JSON.stringify(shown)} was answered ${answer.slice(0, 400)}`,
              );
            }
          }
        }
      };
      const round = (until: number) =>
        Promise.all(Array.from({ length: AT_ONCE }, () => sender(until)));
      // What a server needs for its work is not a leak.
      await round(COUNT / 4);
      const before = ui.memory();
      await round(COUNT);
      const grownMib = (ui.memory() - before) / 2 ** 20;
      console.log(
        `answers by status: ${JSON.stringify(Object.fromEntries([...statuses].sort()))}; memory grew by ${grownMib.toFixed(1)} MiB`,
      );
      expect(ui.child.exitCode).toBe(null);
      expect((await send(ui, '/api/session', bearer())).status).toBe(200);
      expect(grownMib).toBeLessThan(64);
      // Each kind of answer was asked for.
      for (const status of ['200', '400', '401', '403', '404', '405', '415']) {
        expect(statuses.get(status) ?? 0, status).toBeGreaterThan(0);
      }
    },
  );

  it('leave no connection and no listener behind', async () => {
    const open = () => readdirSync(`/proc/${ui.child.pid}/fd`).length;
    const before = open();
    const head = `Host: 127.0.0.1:${ui.port}\r\nAuthorization: Bearer ${ui.token}\r\n\r\n`;
    for (let i = 0; i < 20; i++) {
      const requests = Array.from({ length: 20 }, () =>
        sendRaw(ui, `GET /api/live?topic=runs&topic=run/${runId} HTTP/1.1\r\n${head}`, 30),
      );
      await Promise.all(requests);
    }
    await expect.poll(open, { timeout: 10_000 }).toBeLessThanOrEqual(before + 2);
    expect((await send(ui, '/api/session', bearer())).status).toBe(200);
  });
});

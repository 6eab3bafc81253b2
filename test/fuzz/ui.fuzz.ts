/** 10,000 requests that no page sends: `pipeline ui` answers each with 2xx or 4xx, and goes on. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';

import { randomStream } from '@eddy/core';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { MadeRun } from '../../packages/ui/src/testing/made-run.ts';
import { startTestUi, type TestUi } from '../../packages/ui/src/testing/test-ui.ts';

const REQUESTS = 10_000;
const AT_A_TIME = 50;

let place: TestUi;
let id: string;

beforeAll(async () => {
  place = await startTestUi((runs) => {
    new MadeRun(join(runs, 'one')).steps(1, 100).evaluation(50, 0.5);
    // A folder whose every file is damaged.
    const damaged = new MadeRun(join(runs, 'damaged'));
    writeFileSync(
      damaged.journalPath,
      '\0{"type":"step-finished","timeMs":1e999,"step":{}}\n[]\nnull\n',
    );
    mkdirSync(join(runs, 'empty'));
  });
  const { rows } = JSON.parse((await place.get('/api/runs')).text) as { rows: { id: string }[] };
  id = rows[0]!.id;
});
afterAll(() => place.end());

const PATHS = [
  ...[
    '/',
    '/page.js',
    '/api',
    '/api/',
    '/api/session',
    '/api/runs',
    '/api/live',
    '/api/live?topic=x',
  ],
  ...['/api/runs/ID', '/api/runs/ID/series', '/api/runs/ID/series?metric=lm_loss&points=10', '*'],
  ...['/api/runs/ID/config', '/api/runs/ID/why', '/api/runs/ID/stop', '/api/runs/ID/save'],
  ...['/api/runs/ID/reasoning', '/api/runs/../../etc/passwd', 'http://evil/', '//', '/\\..\\', ''],
];
const METHODS = ['GET', 'GET', 'GET', 'POST', 'HEAD', 'PUT', 'BREW', 'get', 'GET GET', ''];
const VERSIONS = ['HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/9.9', 'ICY'];
const BODIES = ['', '{}', '{"__proto__":1}', '[', '\0', 'x'.repeat(2000), '{"a":'.repeat(500)];
const JUNK = [
  '%',
  '%00',
  '%ff%fe',
  '..',
  '/',
  '?',
  '&',
  '=',
  '#',
  ';',
  '\\',
  ' ',
  '\u00e9',
  '1e309',
  '-1',
  'NaN',
];

it(`answers ${REQUESTS} malformed requests without a 5xx`, async () => {
  const random = randomStream(7);
  const below = (count: number) => Math.floor(random.uniform() * count);
  const one = <T>(from: readonly T[]): T => from[below(from.length)]!;
  const statuses = new Map<number, number>();
  for (let sent = 0; sent < REQUESTS; sent += AT_A_TIME) {
    const requests = Array.from({ length: AT_A_TIME }, () => requestOf(one, below));
    for (const status of await Promise.all(requests.map(answered))) {
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  }
  const kinds = [...statuses.keys()].sort((a, b) => a - b);
  expect(kinds.filter((status) => status >= 500)).toEqual([]);
  // The requests reached everything: the parser, the guard, routes that refuse, and some that answer.
  expect(kinds).toEqual(expect.arrayContaining([200, 400, 401, 403, 404, 405, 415]));
  expect((await place.get('/api/session')).status).toBe(200);
  expect(({} as Record<string, unknown>)['1']).toBeUndefined();
});

function requestOf(one: <T>(from: readonly T[]) => T, below: (count: number) => number): string {
  let path = one(PATHS).replace('ID', below(4) === 0 ? one(JUNK) : id);
  for (let i = below(4); i > 0; i--) {
    const at = below(path.length + 1);
    path = path.slice(0, at) + one(JUNK) + path.slice(at);
  }
  const body = one(BODIES);
  const { port, token } = place.ui;
  const headers = [
    below(10) > 0 &&
      `Host: ${one(below(8) > 0 ? [`127.0.0.1:${port}`] : ['evil', '', '127.0.0.1:1', 'a b'])}`,
    below(10) > 1 &&
      `Authorization: ${one([`Bearer ${token}`, `Bearer ${token}`, 'Bearer', 'Basic \u00ff'])}`,
    below(6) === 0 && `Origin: ${one(['null', 'http://evil', `http://127.0.0.1:${port}`, '%'])}`,
    below(3) === 0 && `Content-Type: ${one(['application/json', 'text/plain', 'a/b; charset=\\'])}`,
    below(12) === 0 &&
      one(['Transfer-Encoding: chunked', 'Expect: 100-continue', 'X: a\0b', ': :', 'Upgrade: h2c']),
    `Content-Length: ${below(15) === 0 ? one(['-1', 'x', '99999999']) : Buffer.byteLength(body)}`,
  ].filter((header) => header !== false);
  return `${one(METHODS)} ${path} ${one(VERSIONS)}\r\n${headers.join('\r\n')}\r\nConnection: close\r\n\r\n${body}`;
}

/** The status of the answer; 0 where the connection ended or stayed silent, as with a body that never comes. */
function answered(text: string): Promise<number> {
  return new Promise((resolve) => {
    let received = '';
    const socket = connect(place.ui.port, '127.0.0.1', () => socket.write(text));
    const end = () => {
      resolve(Number(/^HTTP\/1\.\d (\d+)/.exec(received)?.[1] ?? 0));
      socket.destroy();
    };
    socket.setTimeout(500, end);
    socket.on('data', (part) => {
      received += part.toString('latin1');
      // A stream does not end.
      if (received.includes('\r\n\r\n')) end();
    });
    socket.on('end', end);
    socket.on('error', end);
  });
}

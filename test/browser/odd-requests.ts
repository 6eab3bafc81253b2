/** Requests of which something is wrong, the same for each index. */
import { randomStream } from '@eddy/core';

import { mutate } from '../fuzz/mutate.ts';
import type { UiProcess } from './ui-process.ts';

/** A request as a browser would send it, with up to three things about it that are wrong. */
export function oddRequest(
  index: number,
  { ui, runId }: { readonly ui: Pick<UiProcess, 'port' | 'token'>; readonly runId: string },
): Uint8Array {
  const random = randomStream(2026).stream('ui', index);
  const one = <T>(values: readonly T[]): T => values[random.integer(values.length)]!;
  const value = () =>
    one([
      ...[
        '',
        '0',
        '-1',
        '3.5',
        '1e308',
        'NaN',
        'Infinity',
        '9'.repeat(400),
        '%',
        '%zz',
        '%00',
        '[]',
      ],
      ...['train', 'lm_loss', 'test', '__proto__', '%F0%9F%99%82', 'step-00000020', '../x', '{}'],
    ]);
  const names = [
    'set',
    'metric',
    'points',
    'from',
    'to',
    'smoothing',
    'evaluation',
    'index',
    'topic',
  ];
  const query = Array.from({ length: random.integer(6) }, () => `${one(names)}=${value()}`).join(
    '&',
  );
  const run = one([runId, runId, runId, 'none', '%', '..']);
  const path = one([
    ...[
      '/',
      '/page.js',
      '/favicon.ico',
      '/api',
      '/api/session',
      '/api/runs',
      '/api/live',
      '/api/none',
    ],
    ...[
      '',
      '/series',
      '/series',
      '/config',
      '/reasoning',
      '/reasoning/trace',
      '/reasoning/history',
    ].map((rest) => `/api/runs/${run}${rest}`),
    `/${value()}`,
  ]);
  let [method, version, body] = ['GET', '1.1', ''];
  const headers = new Map([
    ['Host', `127.0.0.1:${ui.port}`],
    ['Authorization', `Bearer ${ui.token}`],
    ['Connection', 'close'],
  ]);
  const post = (content: string): boolean => {
    method = 'POST';
    body = content;
    headers.set('Content-Type', 'application/json');
    headers.set('Content-Length', String(Buffer.byteLength(content)));
    return true;
  };
  const oddities: readonly (() => unknown)[] = [
    () => (method = one(['HEAD', 'PUT', 'OPTIONS', 'DELETE', 'TRACE', 'BREW', 'get', ''])),
    () => (version = one(['1.0', '2.0', '9', '0.9'])),
    () => headers.set('Host', one(['', 'x', 'evil.example', `localhost:${ui.port}`])),
    () => headers.delete('Host'),
    () => headers.set('Authorization', one(['', 'Bearer', 'Bearer x', 'Basic eDp5', '\x80'])),
    () => headers.set('Origin', one(['null', 'http://evil.example', '\x80', 'http://[::1'])),
    () => headers.set('Content-Length', one(['-1', '5', 'x', '9'.repeat(20), '0x10'])),
    () => headers.set('Transfer-Encoding', one(['chunked', 'gzip, chunked', 'x'])),
    () =>
      headers.set(
        one(['Expect', 'Upgrade', 'Range', 'Cookie', 'TE']),
        one(['100-continue', 'x', '']),
      ),
    () => headers.set('X-Long', 'x'.repeat(random.integer(20_000))),
    () => headers.set('Connection', one(['keep-alive', 'Upgrade', 'x'])),
    () => post(one(['{}', '{"a":', '[]', 'null', '"x"', '5\r\nhello\r\n0\r\n\r\n', '\x00'])),
    () => post('x'.repeat(random.integer(200_000))),
    () => post('{}') && headers.set('Content-Type', one(['text/plain', '', 'multipart/form-data'])),
    () => headers.delete('Content-Type'),
  ];
  for (let count = random.integer(4); count > 0; count--) one(oddities)();
  const lines = [...headers].map(([name, text]) => `${name}: ${text}\r\n`).join('');
  const target = query === '' ? path : `${path}?${query}`;
  const text = `${method} ${target} HTTP/${version}\r\n${lines}\r\n${body}`;
  const whole = Buffer.from(text, 'latin1');
  return random.integer(8) === 0 ? mutate(whole, random) : whole;
}

/**
 * Who may ask what. A page of a foreign site can send requests to a server on loopback, and a name that it
 * owns can be made to point there (DNS rebinding): so Host and Origin are compared with exact lists, and
 * everything but the page itself needs a token that only the user's address has.
 */
import { createHash, timingSafeEqual } from 'node:crypto';

import type { Context, MiddlewareHandler } from 'hono';

import { HttpProblem } from './problem.ts';

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  // WebAssembly is for the page that solves puzzles.
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'x-frame-options': 'DENY',
  'cache-control': 'no-store',
};

/** Host and Origin allow-list of a port. */
function allowedHosts(port: number): ReadonlySet<string> {
  return new Set([`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`]);
}

/** Sets the headers of every answer and refuses foreign hosts, origins and methods. */
export function guardOrigin(port: () => number): MiddlewareHandler {
  return async (context, next) => {
    for (const [name, value] of Object.entries(HEADERS)) context.header(name, value);
    const hosts = allowedHosts(port());
    const host = context.req.header('host') ?? '';
    if (!hosts.has(host.toLowerCase())) throw foreign('Host', port());
    const origin = context.req.header('origin');
    if (origin !== undefined && !isAllowedOrigin(origin, hosts)) throw foreign('Origin', port());
    const site = context.req.header('sec-fetch-site');
    if (site !== undefined && site !== 'same-origin' && site !== 'none') {
      throw foreign('Sec-Fetch-Site', port());
    }
    const { method } = context.req;
    if (method !== 'GET' && method !== 'HEAD' && method !== 'POST') {
      throw new HttpProblem(405, {
        code: 'UI_METHOD_NOT_ALLOWED',
        message: 'only GET and POST are answered',
        fix: 'send GET to read, POST to act',
      });
    }
    await next();
  };
}

/** Refuses requests without the token. */
export function requireToken(token: string): MiddlewareHandler {
  const wanted = digest(`Bearer ${token}`);
  return async (context, next) => {
    const given = digest(context.req.header('authorization') ?? '');
    // Digests of one length, compared in constant time, tell nothing of the token.
    if (!timingSafeEqual(wanted, given)) {
      throw new HttpProblem(401, {
        code: 'UI_TOKEN_INVALID',
        message: 'the token is missing or belongs to an earlier start of `pipeline ui`',
        fix: 'open the address that `pipeline ui` printed, with everything after #',
      });
    }
    await next();
  };
}

/** Refuses an action that no form of a page may send: its body is JSON. */
export function requireJson(context: Context): void {
  const type = context.req.header('content-type') ?? '';
  if (!/^application\/json(;|$)/.test(type)) {
    throw new HttpProblem(415, {
      code: 'UI_CONTENT_TYPE_INVALID',
      message: 'actions are sent as JSON',
      fix: 'send content-type: application/json',
    });
  }
}

/**
 * Refuses a body that is large, or whose length the request does not say: no action needs one. Hono's own
 * limit reads bodies of unknown length, which its server for Node does not support.
 */
export function limitBody(maxBytes: number): MiddlewareHandler {
  return async (context, next) => {
    const length = Number(context.req.header('content-length') ?? 0);
    if (context.req.header('transfer-encoding') !== undefined || !(length <= maxBytes)) {
      throw new HttpProblem(413, {
        code: 'UI_BODY_TOO_LARGE',
        message: 'the body is too large, or its length is unknown',
        fix: `send a content-length of at most ${maxBytes}`,
      });
    }
    await next();
  };
}

function isAllowedOrigin(origin: string, hosts: ReadonlySet<string>): boolean {
  const prefix = 'http://';
  return origin.startsWith(prefix) && hosts.has(origin.slice(prefix.length));
}

function foreign(header: string, port: number): HttpProblem {
  return new HttpProblem(403, {
    code: 'UI_FOREIGN_REQUEST',
    message: `the ${header} header is not this server's`,
    fix: `open http://127.0.0.1:${port}/; forward the same port number where another machine runs it`,
  });
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

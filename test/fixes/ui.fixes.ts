/** `pipeline ui`: its server, and requests as the page sends them. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { acquireRunLock } from '../../packages/core/src/run/lock.ts';
import { MadeRun } from '../../packages/ui/src/testing/made-run.ts';
import { NO_SERVICES, startTestUi, type TestUi } from '../../packages/ui/src/testing/test-ui.ts';
import type { RequestFailed } from '../../packages/ui/src/page/client/api.ts';
import { startUi, type UiOptions } from '../../packages/ui/src/server/start-ui.ts';
import { afterAll, beforeAll, expect, vi } from 'vitest';

import { shellWords } from './fix-text.ts';
import { followFixes, program, type FixCase } from './fix-case.ts';

let ui: TestUi;
beforeAll(async () => {
  // Runs that are resumed end well at once.
  const pipelineCommand = [process.execPath, '-e', 'process.exit(0)'];
  ui = await startTestUi(
    (runs) => {
      new MadeRun(join(runs, 'one')).steps(1, 3);
      new MadeRun(join(runs, 'done')).steps(1, 3).add({ type: 'run-finished', status: 'done' });
      new MadeRun(join(runs, 'locked')).steps(1, 3);
    },
    { ...NO_SERVICES, pipelineCommand },
  );
});
afterAll(() => ui.end());

type Request = Parameters<TestUi['send']>[1];

const withToken = (more: Readonly<Record<string, string>> = {}) => ({
  authorization: `Bearer ${ui.ui.token}`,
  ...more,
});
const action = (body = '{}', more: Readonly<Record<string, string>> = {}): Request => ({
  method: 'POST',
  headers: withToken({ 'content-type': 'application/json', ...more }),
  body,
});

async function idOf(name: string): Promise<string> {
  const { rows } = JSON.parse((await ui.get('/api/runs')).text) as {
    rows: { id: string; folder: string }[];
  };
  return rows.find(({ folder }) => folder.endsWith(name))!.id;
}

/** Sends what is refused, and then what the fix says. */
function request(facts: {
  readonly code: string;
  readonly when: string;
  readonly refused: () => Promise<readonly [string, Request]> | readonly [string, Request];
  readonly says: RegExp;
  readonly followed: (fix: string) => Promise<readonly [string, Request]> | readonly [string, Request]; // prettier-ignore
}): FixCase {
  return {
    code: facts.code,
    when: facts.when,
    follow: async () => {
      const { status, text } = await ui.send(...(await facts.refused()));
      const { code, fix } = JSON.parse(text) as { code: string; fix: string };
      expect([status >= 400, code]).toEqual([true, facts.code]);
      expect(fix).toMatch(facts.says);
      const answer = await ui.send(...(await facts.followed(fix)));
      expect(answer.status, answer.text).toBe(200);
    },
  };
}

const options = (more: Partial<UiOptions>): UiOptions => ({
  folders: [ui.folder],
  version: '0',
  services: NO_SERVICES,
  pageFolder: join(ui.folder, 'page'),
  ...more,
});
const started = async (more: Partial<UiOptions>) => (await startUi(options(more))).close();

/** A start that is refused, and then with the option that the fix has in backticks. */
const start = (facts: {
  readonly code: string;
  readonly when: string;
  readonly more: () => Partial<UiOptions>;
}): FixCase => {
  const { more, ...rest } = facts;
  return program({
    ...rest,
    raise: () => started(more()),
    says: /`--(host|port) \S+`/,
    followed: (_place, fix) => {
      const [, option, value] = /`--(host|port) (\S+)`/.exec(fix)!;
      return started({ ...more(), [option!]: option === 'port' ? Number(value) : value });
    },
  });
};

/** The lock of a run as another process would have signed it. */
async function signed(changes: object, work: (lockPath: string) => Promise<void>): Promise<void> {
  const path = join(ui.folder, 'runs', 'locked', 'lock');
  const lock = await acquireRunLock(path);
  try {
    const signature = { pid: process.pid, host: 'here', startedAt: '', ...changes };
    writeFileSync(path, JSON.stringify(signature));
    await work(path);
  } finally {
    lock.release();
  }
}

const cases: FixCase[] = [
  start({
    code: 'UI_HOST_NOT_LOOPBACK',
    when: 'the page is to be seen from other machines',
    more: () => ({ host: '0.0.0.0' }),
  }),
  start({
    code: 'UI_PORT_TAKEN',
    when: 'another program has the port',
    more: () => ({ port: ui.ui.port }),
  }),
  program({
    code: 'UI_FOLDER_NOT_FOUND',
    when: 'the name of the folder is misspelt',
    raise: () => started({ folders: [join(ui.folder, 'rnus')] }),
    says: /did you mean /,
    followed: (_place, fix) => started({ folders: [/did you mean ([^?]+)\?/.exec(fix)![1]!] }),
  }),
  program({
    code: 'UI_PAGE_NOT_BUILT',
    when: 'a checkout was not built',
    raise: () => started({ pageFolder: join(ui.folder, 'runs') }),
    says: '`npm run build`',
    // What the build writes.
    followed: () => started({ pageFolder: join(ui.folder, 'page') }),
  }),
  request({
    code: 'UI_TOKEN_INVALID',
    when: 'the address is opened without what stands behind #',
    refused: () => ['/api/runs', {}],
    says: /the address that `pipeline ui` printed, with everything after #/,
    followed: () => ['/api/runs', { headers: { authorization: `Bearer ${ui.ui.url.split('#token=').at(-1)!.split('#').at(-1)!}` } }], // prettier-ignore
  }),
  request({
    code: 'UI_FOREIGN_REQUEST',
    when: 'the page is forwarded under another port',
    refused: () => ['/', { headers: { host: '127.0.0.1:1' } }],
    says: /open http:\/\/127\.0\.0\.1:\d+\//,
    followed: (fix) => ['/', { headers: { host: /http:\/\/([^/]+)\//.exec(fix)![1]! } }],
  }),
  request({
    code: 'UI_METHOD_NOT_ALLOWED',
    when: 'a program deletes a run through the server',
    refused: () => ['/api/runs', { method: 'DELETE', headers: withToken() }],
    says: /GET to read/,
    followed: () => ['/api/runs', { method: 'GET', headers: withToken() }],
  }),
  request({
    code: 'UI_CONTENT_TYPE_INVALID',
    when: 'a program sends an action as a form',
    refused: async () => [`/api/runs/${await idOf('one')}/resume`, { ...action(), headers: withToken() }], // prettier-ignore
    says: /content-type: application\/json/,
    followed: async () => [`/api/runs/${await idOf('one')}/resume`, action()],
  }),
  request({
    code: 'UI_BODY_TOO_LARGE',
    when: 'a program sends an action with a large body',
    refused: async () => [`/api/runs/${await idOf('one')}/resume`, action(' '.repeat(70_000))],
    says: /at most \d+/,
    followed: async () => [`/api/runs/${await idOf('one')}/resume`, action()],
  }),
  request({
    code: 'UI_NOT_FOUND',
    when: 'a bookmark names a run that was deleted',
    refused: () => ['/api/runs/none', { headers: withToken() }],
    says: /open the list of runs/,
    followed: () => ['/api/runs', { headers: withToken() }],
  }),
  request({
    code: 'UI_BAD_REQUEST',
    when: 'a program asks for the curves of no metric',
    refused: async () => [`/api/runs/${await idOf('one')}/series`, { headers: withToken() }],
    says: /name 1 to 32 metrics as metric=/,
    followed: async () => [`/api/runs/${await idOf('one')}/series?metric=lm_loss&set=train`, { headers: withToken() }], // prettier-ignore
  }),
  request({
    code: 'UI_NOT_RUNNING',
    when: 'a run has ended since the page was loaded',
    refused: async () => [`/api/runs/${await idOf('one')}/stop`, action()],
    says: /reload the page/,
    followed: async () => [`/api/runs/${await idOf('one')}`, { headers: withToken() }],
  }),
  request({
    code: 'UI_NOTHING_TO_RESUME',
    when: 'a run is done since the page was loaded',
    refused: async () => [`/api/runs/${await idOf('done')}/resume`, action()],
    says: /reload the page/,
    followed: async () => [`/api/runs/${await idOf('done')}`, { headers: withToken() }],
  }),
  ...holders(),
  {
    code: 'UI_RESUME_FAILED',
    when: 'a run cannot be resumed, until what its last words say is done',
    follow: async () => {
      let exit = 'process.stderr.write("fix: this"); process.exit(2)';
      const other = await startTestUi((runs) => void new MadeRun(join(runs, 'one')).steps(1, 3), {
        ...NO_SERVICES,
        get pipelineCommand() {
          return [process.execPath, '-e', exit];
        },
      });
      try {
        const { rows } = JSON.parse((await other.get('/api/runs')).text) as { rows: { id: string }[] }; // prettier-ignore
        const sent = () =>
          other.send(`/api/runs/${rows[0]!.id}/resume`, {
            method: 'POST',
            headers: { authorization: `Bearer ${other.ui.token}`, 'content-type': 'application/json' }, // prettier-ignore
            body: '{}',
          });
        const { code, message, fix } = JSON.parse((await sent()).text) as Record<string, string>;
        expect(code).toBe('UI_RESUME_FAILED');
        expect(message).toContain('fix: this');
        expect(fix).toMatch(/all of them are in \S+resume\.log/);
        exit = 'process.exit(0)';
        expect((await sent()).status).toBe(200);
      } finally {
        await other.end();
      }
    },
  },
  {
    code: 'UI_SERVER_GONE',
    when: 'the server was stopped, and is started again',
    follow: async () => {
      const { get } = await import('../../packages/ui/src/page/client/api.ts');
      vi.stubGlobal('fetch', () => Promise.reject(new TypeError('fetch failed')));
      const failure = (await get('/runs').catch((error: unknown) => error)) as RequestFailed; // prettier-ignore
      expect(failure.problem.code).toBe('UI_SERVER_GONE');
      expect(failure.problem.fix).toMatch(/start `pipeline ui` again/);
      vi.stubGlobal('fetch', () => Promise.resolve(new Response('{"rows":[]}')));
      expect(await get('/runs')).toEqual({ rows: [] });
      vi.unstubAllGlobals();
    },
  },
  {
    code: 'UI_UNEXPECTED',
    when: 'a proxy answers in place of the server, once',
    follow: async () => {
      const { get } = await import('../../packages/ui/src/page/client/api.ts');
      vi.stubGlobal('fetch', () => Promise.resolve(new Response('<html>', { status: 502 })));
      const failure = (await get('/runs').catch((error: unknown) => error)) as RequestFailed; // prettier-ignore
      expect(failure.problem).toMatchObject({ code: 'UI_UNEXPECTED', fix: 'reload the page' });
      vi.stubGlobal('fetch', () => Promise.resolve(new Response('{"rows":[]}')));
      expect(await get('/runs')).toEqual({ rows: [] });
      vi.unstubAllGlobals();
    },
  },
];

/** Runs whose process the page sends no signal to: the fix is what a person types. */
function holders(): FixCase[] {
  const asked = async () => {
    const { text } = await ui.send(`/api/runs/${await idOf('locked')}/save`, action());
    return JSON.parse(text) as { code: string; fix: string; text?: string };
  };
  /** Types the second command, which saves: the process is this one. */
  const typed = async (fix: string) => {
    const words = shellWords([...fix.matchAll(/`([^`]+)`/g)].at(-1)![1]!);
    expect(words).toEqual(['kill', '-USR1', String(process.pid)]);
    const told = new Promise((resolve) => process.once('SIGUSR1', resolve));
    process.kill(Number(words[2]), 'SIGUSR1');
    await told;
  };
  return [
    {
      code: 'UI_HOLDER_ELSEWHERE',
      when: 'the run is on another machine',
      follow: () =>
        signed({ host: 'elsewhere' }, async () => {
          const { code, fix } = await asked();
          expect(code).toBe('UI_HOLDER_ELSEWHERE');
          await typed(fix);
        }),
    },
    {
      code: 'UI_HOLDER_UNCERTAIN',
      when: 'the run belongs to another user',
      follow: async () => {
        const { hostname } = await import('node:os');
        await signed({ host: hostname(), pid: process.ppid }, async () => {
          const { code, fix } = await asked();
          expect(code).toBe('UI_HOLDER_UNCERTAIN');
          await typed(fix.replaceAll(String(process.ppid), String(process.pid)));
        });
      },
    },
    {
      code: 'UI_HOLDER_UNKNOWN',
      when: 'the run has begun this moment',
      follow: async () => {
        const { hostname } = await import('node:os');
        await signed({ pid: -1 }, async (path) => {
          const { code, fix } = await asked();
          expect([code, fix]).toEqual(['UI_HOLDER_UNKNOWN', 'try again in a moment']);
          writeFileSync(
            path,
            JSON.stringify({ pid: process.pid, host: hostname(), startedAt: '' }),
          );
          const told = new Promise((resolve) => process.once('SIGUSR1', resolve));
          expect((await asked()).text).toContain('Checkpoint requested');
          await told;
        });
        rmSync(join(ui.folder, 'runs', 'locked', 'actions.jsonl'));
      },
    },
  ];
}

followFixes('the page', cases);

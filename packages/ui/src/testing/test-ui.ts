/** A server for tests, and requests that set what a browser would not let a page set. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as send, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { UiServices } from '../server/http/context.ts';
import { startUi, type Ui } from '../server/start-ui.ts';

export interface TestUi {
  readonly ui: Ui;
  /** Holds `runs/`. */
  readonly folder: string;
  readonly get: (path: string) => Promise<Answer>;
  readonly send: (path: string, request?: TestRequest) => Promise<Answer>;
  end(): Promise<void>;
}

export interface TestRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export const NO_SERVICES: UiServices = {
  explain: () => Promise.resolve([]),
  webModel: () => Promise.reject(new Error('this server packs no models')),
  versions: () => Promise.resolve(undefined),
  pipelineCommand: [process.execPath, '-e', 'process.exit(3)'],
};

/** @param make  fills the folder of runs before the server starts */
export async function startTestUi(
  make: (runs: string) => void,
  services: UiServices = NO_SERVICES,
): Promise<TestUi> {
  const folder = mkdtempSync(join(tmpdir(), 'eddy-ui-'));
  const [runs, page] = [join(folder, 'runs'), join(folder, 'page')];
  mkdirSync(runs);
  mkdirSync(page);
  writeFileSync(join(page, 'page.js'), '/* page */');
  writeFileSync(join(page, 'page.css'), '');
  make(runs);
  const ui = await startUi({ folders: [runs], version: '0', services, pageFolder: page });
  const sendTo = (path: string, request: TestRequest = {}) => answerOf(ui.port, path, request);
  return {
    ui,
    folder,
    send: sendTo,
    get: (path) => sendTo(path, { headers: { authorization: `Bearer ${ui.token}` } }),
    end: async () => {
      await ui.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function answerOf(
  port: number,
  path: string,
  { method = 'GET', headers = {}, body }: TestRequest,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = send({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (text += part));
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, text }),
      );
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

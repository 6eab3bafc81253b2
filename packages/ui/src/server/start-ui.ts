/** Starts the server of `pipeline ui`. */
import { randomBytes } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { createAdaptorServer } from '@hono/node-server';

import type { Topic } from '../api/live.ts';
import type { Session } from '../api/session.ts';
import { RunRows } from '../reader/run-rows.ts';
import { createApp } from './app.ts';
import { folderNotFound, hostNotLoopback, portTaken } from './errors.ts';
import type { UiContext, UiServices } from './http/context.ts';
import { LiveHub } from './live/live-hub.ts';
import { PAGE_FOLDER } from './page-folder.ts';
import { OpenRuns } from './open-runs.ts';

export interface UiOptions {
  /** Folders of runs, runs or sweeps, as the user names them. */
  readonly folders: readonly string[];
  /** 0 for a free one. */
  readonly port?: number;
  readonly host?: string;
  readonly version: string;
  readonly services: UiServices;
  /** The bundled page; this package's by default. */
  readonly pageFolder?: string;
}

export interface Ui {
  /** With the token behind `#`, which browsers never send. */
  readonly url: string;
  readonly port: number;
  readonly token: string;
  close(): Promise<void>;
}

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '::1', '[::1]']);
const TOKEN_BYTES = 24;

/**
 * Serves the page on loopback until closed.
 *
 * @throws UI_HOST_NOT_LOOPBACK, UI_FOLDER_NOT_FOUND, UI_PORT_TAKEN, UI_PAGE_NOT_BUILT
 */
export async function startUi(options: UiOptions): Promise<Ui> {
  const { folders, host = '127.0.0.1', port = 0, services, version } = options;
  const { pageFolder = PAGE_FOLDER } = options;
  if (!LOOPBACK.has(host)) throw hostNotLoopback(host);
  for (const folder of folders) {
    if (!existsSync(folder) || !statSync(folder).isDirectory()) throw folderNotFound(folder);
  }
  const rows = new RunRows(folders);
  rows.find();
  const live = new LiveHub((topic) => look(topic));
  const runs = new OpenRuns(rows, live);
  const refreshRows = async () => {
    const { changed, isOther } = await rows.refresh();
    if (isOther) live.publish({ topic: 'runs', type: 'reload' });
    else if (changed.length > 0) live.publish({ topic: 'runs', type: 'rows', rows: changed });
  };
  const look = async (topic: Topic) => {
    if (topic === 'runs') await refreshRows();
    else await runs.open(topic.slice('run/'.length));
  };
  const context: UiContext = {
    session: () => sessionOf(rows, folders, version),
    rows,
    live,
    services,
    refreshRows,
    openRun: (id) => runs.open(id),
  };
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  let boundPort = port;
  const app = createApp({ context, token, pageFolder, port: () => boundPort });
  const server = createAdaptorServer({
    fetch: app.fetch,
    overrideGlobalObjects: false,
  }) as Server;
  const address = host === '[::1]' ? '::1' : host === 'localhost' ? '127.0.0.1' : host;
  boundPort = await listen(server, port, address);
  const shown = address === '::1' ? '[::1]' : '127.0.0.1';
  return {
    url: `http://${shown}:${boundPort}/#token=${token}`,
    port: boundPort,
    token,
    close: async () => {
      live.close();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(portTaken(port, error)));
    try {
      server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
    } catch (error) {
      // A number that no port has.
      reject(portTaken(port, error));
    }
  });
}

function sessionOf(rows: RunRows, folders: readonly string[], version: string): Session {
  const [run, sweep] = [rows.runs, rows.sweeps];
  const start =
    sweep.length === 1 && folders.includes(sweep[0]!.folder)
      ? ({ kind: 'sweep', id: sweep[0]!.id } as const)
      : run.length === 1 && folders.includes(run[0]!.folder)
        ? ({ kind: 'run', id: run[0]!.id } as const)
        : undefined;
  return { folders, version, ...(start === undefined ? {} : { start }) };
}

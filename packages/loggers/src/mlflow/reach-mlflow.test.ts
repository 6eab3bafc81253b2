import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, expect, it } from 'vitest';

import { reachMlflow } from './reach-mlflow.ts';

const { signal } = new AbortController();
let server: Server | undefined;
afterEach(() => server?.close());

async function addressOfServer(status: number): Promise<string> {
  server = createServer((_request, response) => response.writeHead(status).end());
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it('says nothing of a server that answers, also one without that page', async () => {
  expect(await reachMlflow(await addressOfServer(404), signal)).toEqual([]);
});

it('names the address that nobody answers at, and where it comes from', async () => {
  const address = await addressOfServer(200);
  await new Promise((resolve) => server!.close(resolve));
  const problem = { message: 'no MLflow server responds', expected: `a server at ${address}` };
  expect(await reachMlflow(address, signal)).toMatchObject([
    { ...problem, path: ['trackingUri'], received: expect.stringContaining('ECONNREFUSED') },
  ]);
  const environment = { MLFLOW_TRACKING_URI: address };
  expect(await reachMlflow(undefined, signal, environment)).toMatchObject([
    { ...problem, path: [] },
  ]);
});

it('does not wait for ever', async () => {
  const silent = createServer(() => undefined);
  server = silent;
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;
  const soon = AbortSignal.timeout(50);
  expect(await reachMlflow(`http://127.0.0.1:${port}`, soon)).toMatchObject([
    { message: 'no MLflow server responds', received: expect.stringContaining('timeout') },
  ]);
  silent.closeAllConnections();
});

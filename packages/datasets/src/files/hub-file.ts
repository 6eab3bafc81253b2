/** Files of data sets on the Hugging Face hub, downloaded once into the user's cache. */
import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';

import { makeFolderDurably, sha256OfFile, syncFile, syncFolder } from '@eddy/core/files';

import { checksumMismatch, dataNotCached, downloadFailed } from './errors.ts';
import { hubAddress, fetchThroughProxy, proxyOf } from './hub-address.ts';

export interface HubFile {
  /** `owner/name` of the data set. */
  readonly repo: string;
  /** Branch, tag or commit. */
  readonly revision: string;
  readonly file: string;
  /** Pinned checksum; without it, the one that the hub states for large files. */
  readonly sha256?: string | undefined;
  /** Address of the hub or of a mirror; HF_ENDPOINT or huggingface.co where there is none. */
  readonly hubUrl?: string | undefined;
}

export interface HubServices {
  readonly cacheFolder: string;
  readonly offline: boolean;
  readonly notify: (level: 'info' | 'warning', text: string) => void;
}

/** Large files on the hub have their sha256 as ETag. */
const SHA256 = /^"?([0-9a-f]{64})"?$/;

/**
 * The local copy of a file on the hub, downloaded when the cache lacks it.
 *
 * @param environment  HF_ENDPOINT names a mirror, HTTPS_PROXY and NO_PROXY say how to reach it.
 * @throws DATA_NOT_CACHED, DOWNLOAD_FAILED, CHECKSUM_MISMATCH, HUB_ENDPOINT_INVALID, the signal's reason
 */
export async function hubFile(
  wanted: HubFile,
  services: HubServices,
  signal?: AbortSignal,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<string> {
  const { repo, revision, file, sha256 } = wanted;
  const folder = path.join(services.cacheFolder, 'hub', ...repo.split('/'), revision);
  const cached = path.join(folder, file);
  if (existsSync(cached)) {
    if (sha256 !== undefined) await check(wanted, cached, sha256, await sha256OfFile(cached));
    return cached;
  }
  if (services.offline) throw dataNotCached(repo, file, cached);
  const hubUrl = hubAddress(wanted.hubUrl, environment);
  await makeFolderDurably(folder);
  const partial = `${cached}.${randomUUID()}.part`;
  try {
    const { received, stated } = await download({ ...wanted, hubUrl }, services, partial, environment, signal); // prettier-ignore
    const expected = sha256 ?? stated;
    if (expected !== undefined) await check(wanted, partial, expected, received);
    // A file without a pinned sum is believed by its name alone.
    await syncFile(partial);
    await rename(partial, cached);
    await syncFolder(folder);
  } finally {
    await rm(partial, { force: true });
  }
  return cached;
}

/** Downloads to `target`; returns the sha256 of what came and the one that the hub states. */
async function download(
  { repo, revision, file, hubUrl }: HubFile & { readonly hubUrl: string },
  { notify }: HubServices,
  target: string,
  environment: Readonly<Record<string, string | undefined>>,
  signal?: AbortSignal,
): Promise<{ readonly received: string; readonly stated: string | undefined }> {
  const proxy = proxyOf(hubUrl, environment);
  const facts = { repo: `${repo}@${revision}`, file, hubUrl, proxy };
  const hash = createHash('sha256');
  const hashing = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  try {
    // Loaded only now: a cached file needs none of it.
    const { downloadFile, fileDownloadInfo } = await import('@huggingface/hub');
    const send = await fetchThroughProxy(environment);
    const place = {
      ...{ repo: { type: 'dataset' as const, name: repo }, path: file, revision, hubUrl },
      fetch: (...[input, init]: Parameters<typeof fetch>) =>
        send(input, { ...init, ...(signal && { signal }) }),
    };
    const info = await fileDownloadInfo(place);
    if (info === null) throw new Error('the repository has no such file at this revision');
    notify(
      'info',
      `downloading ${repo}@${revision} ${file} from ${hubUrl}, ${megabytes(info.size)}, to ${target}`,
    );
    // Plain HTTPS, without the hub's own chunk protocol: any mirror can serve it.
    const blob = await downloadFile({ ...place, downloadInfo: info, xet: false });
    if (blob === null) throw new Error('the repository has no such file at this revision');
    const body = Readable.fromWeb(blob.stream() as ReadableStream<Uint8Array>);
    let bytes = 0;
    body.on('data', (chunk: Uint8Array) => (bytes += chunk.length));
    await pipeline(body, hashing, createWriteStream(target), { ...(signal && { signal }) });
    if (bytes !== info.size) throw new Error(`${bytes} of ${info.size} bytes came`);
    return { received: hash.digest('hex'), stated: SHA256.exec(info.etag)?.[1] };
  } catch (error) {
    signal?.throwIfAborted();
    throw downloadFailed({ ...facts, received: reasonOf(error), cause: error });
  }
}

/** `fetch failed` alone says nothing: its cause does. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

async function check(
  { file: name, sha256 }: HubFile,
  file: string,
  expected: string,
  received: string,
): Promise<void> {
  if (received === expected) return;
  await rm(file, { force: true });
  const pinned = sha256 === undefined ? undefined : path.basename(name, path.extname(name));
  throw checksumMismatch(file, expected, received, pinned);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

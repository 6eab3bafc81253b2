/**
 * The secret by which the processes of a run know one another: EDDY_HOST_TOKEN, or else a file of the
 * user's cache folder, which hosts of a cluster share as a rule.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** Nothing where there is neither. */
export function findToken(environment: Environment, cacheFolder: string): string | undefined {
  const given = environment['EDDY_HOST_TOKEN'];
  if (given !== undefined && given !== '') return given;
  try {
    return readFileSync(fileOf(cacheFolder), 'utf8');
  } catch {
    return undefined;
  }
}

/** Makes the file if there is none, for this user's eyes only. */
export function ensureToken(environment: Environment, cacheFolder: string): string {
  const known = findToken(environment, cacheFolder);
  if (known !== undefined) return known;
  mkdirSync(cacheFolder, { recursive: true });
  const file = fileOf(cacheFolder);
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  writeFileSync(draft, randomBytes(32).toString('hex'), { mode: 0o600, flag: 'wx' });
  try {
    linkSync(draft, file); // whole, and not over another's
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return readFileSync(file, 'utf8');
}

/** Shows that one knows the token without telling it: HMAC-SHA256 of what was asked. */
export function proofOf(token: string, question: readonly unknown[]): string {
  return createHmac('sha256', token).update(JSON.stringify(question)).digest('hex');
}

export function isProof(given: unknown, expected: string): boolean {
  if (typeof given !== 'string' || given.length !== expected.length) return false;
  return timingSafeEqual(Buffer.from(given), Buffer.from(expected));
}

function fileOf(cacheFolder: string): string {
  return join(cacheFolder, 'host-token');
}

/**
 * The secret by which the processes of a run know one another: EDDY_HOST_TOKEN, or else a file of the
 * user's cache folder, which hosts of a cluster share as a rule.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readInputTextSync } from '@eddy/core/files';

import { hostTokenUnusable } from './errors.ts';

const ALL_MODES = 0o777;
const TOKEN_LIMIT = { what: 'a file of a token', maxBytes: 4096 };
/** Group and all others, reading or writing. */
const OF_OTHERS = 0o066;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Nothing where there is neither.
 *
 * @throws HOST_TOKEN_UNUSABLE where the file is empty or others may read it
 */
export function findToken(environment: Environment, cacheFolder: string): string | undefined {
  const given = environment['EDDY_HOST_TOKEN'];
  if (given !== undefined && given !== '') return given;
  const file = fileOf(cacheFolder);
  if (!existsSync(file)) return undefined;
  const received = flawOf(file);
  if (received !== undefined) throw hostTokenUnusable({ file, received });
  return readInputTextSync(file, TOKEN_LIMIT).trim();
}

/** Why a file keeps no secret, or none that this user can know. */
function flawOf(file: string): string | undefined {
  const mode = statSync(file).mode & ALL_MODES;
  if ((mode & OF_OTHERS) !== 0) return `mode ${mode.toString(8)}`;
  try {
    return readInputTextSync(file, TOKEN_LIMIT).trim() === '' ? 'an empty file' : undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/**
 * Makes the file if there is none, for this user's eyes only.
 *
 * @throws HOST_TOKEN_UNUSABLE
 */
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
  return findToken(environment, cacheFolder)!;
}

/** Shows that one knows the token without telling it: HMAC-SHA256 of what was asked. */
export function proofOf(token: string, question: readonly unknown[]): string {
  return createHmac('sha256', token).update(JSON.stringify(question)).digest('hex');
}

export function isProof(given: unknown, expected: string): boolean {
  if (typeof given !== 'string') return false;
  const [said, proof] = [Buffer.from(given), Buffer.from(expected)];
  // Bytes, not characters: `timingSafeEqual` throws where there are more, and anyone may say anything.
  return said.length === proof.length && timingSafeEqual(said, proof);
}

function fileOf(cacheFolder: string): string {
  return join(cacheFolder, 'host-token');
}

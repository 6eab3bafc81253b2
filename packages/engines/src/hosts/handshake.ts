/** How the first host and another make sure of one another: each proves that it knows the token. */
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { hostname } from 'node:os';

import type { FramedSocket } from './framed-socket.ts';
import type { HostGroup } from './launcher.ts';
import { isProof, proofOf } from './token.ts';

const CHALLENGE_BYTES = 32;
/** For an answer of the other: its process may be busy, and what is no Eddy may never say anything. */
const ANSWER_MS = 60_000;

/** Bits of one version mean nothing to another. */
const VERSION = (
  createRequire(import.meta.url)('@eddy/engines/package.json') as { version: string }
).version;

/** Of the first host: anyone may ask for it. */
interface Greeting {
  readonly version: string;
  readonly challenge: string;
}

interface Introduction {
  readonly version: string;
  readonly rank: number;
  readonly size: number;
  readonly host: string;
  readonly challenge: string;
  readonly proof: string;
}

type Welcome = { readonly proof: string } | { readonly refused: string };

/** Who has come; or why it was sent away. */
export type Visitor =
  { readonly rank: number; readonly host: string } | { readonly refused: string };

/** @param admit  why a rank that has shown the token is refused, if it is */
export async function receiveHost(
  socket: FramedSocket,
  token: string,
  admit: (rank: number, size: number) => string | undefined,
  answerMs = ANSWER_MS,
): Promise<Visitor> {
  const challenge = newChallenge();
  socket.send({ version: VERSION, challenge } satisfies Greeting);
  const said = await nextOf<Introduction>(socket, answerMs);
  if (said === undefined) return { refused: 'it sent nothing' };
  const { rank, size, host, version } = said;
  const expected = proofOf(token, ['host', challenge, said.challenge, rank, size, host, version]);
  const refused = !isProof(said.proof, expected)
    ? 'it has the wrong token'
    : version !== VERSION
      ? `Eddy ${version} there, ${VERSION} here`
      : admit(rank, size);
  if (refused !== undefined) {
    socket.send({ refused } satisfies Welcome);
    return { refused };
  }
  socket.send({ proof: proofOf(token, ['first', said.challenge, challenge]) } satisfies Welcome);
  socket.trust();
  return { rank, host };
}

/** @returns why the two do not get together; nothing if they do. */
export async function introduceHost(
  socket: FramedSocket,
  { rank, size }: HostGroup,
  findToken: () => string | undefined,
  answerMs = ANSWER_MS,
): Promise<string | undefined> {
  const greeting = await nextOf<Greeting>(socket, answerMs);
  if (greeting === undefined) return 'rank 0 sent nothing';
  const token = findToken();
  if (token === undefined) return 'this host has no token';
  const challenge = newChallenge();
  const host = hostname();
  const facts = [rank, size, host, VERSION];
  const proof = proofOf(token, ['host', greeting.challenge, challenge, ...facts]);
  socket.send({ version: VERSION, rank, size, host, challenge, proof } satisfies Introduction);
  const welcome = await nextOf<Welcome>(socket, answerMs);
  if (welcome === undefined) return 'rank 0 closed the connection';
  if ('refused' in welcome) return welcome.refused;
  const expected = proofOf(token, ['first', challenge, greeting.challenge]);
  if (!isProof(welcome.proof, expected)) return 'rank 0 has another token';
  socket.trust();
  return undefined;
}

/** What a stranger sends need not be what it should: every field is proven or compared before it counts. */
async function nextOf<T extends object>(
  socket: FramedSocket,
  withinMs: number,
): Promise<T | undefined> {
  const message = await socket.next(withinMs);
  return typeof message === 'object' && message !== null ? (message as T) : undefined;
}

function newChallenge(): string {
  return randomBytes(CHALLENGE_BYTES).toString('hex');
}

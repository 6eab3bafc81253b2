/** JSON documents that carry the sha256 of their own content. */
import { createHash } from 'node:crypto';

import { fromJson, toJson } from './json.ts';

/** The content of a document is not the one that its sha256 was made of. */
export class SealBroken extends Error {
  readonly expected: string;
  readonly received: string;

  constructor(expected: string, received: string) {
    super(`its own sha256 is ${expected.slice(0, 80)}, that of its content ${received}`);
    this.expected = expected;
    this.received = received;
  }
}

/** Returns the text of a document; its last field is the sha256 of the rest. */
export function sealed(body: object): string {
  return `${toJson({ ...body, sha256: sha256(toJson(body)) }, 2)}\n`;
}

/**
 * Returns the content of a document, and whether it is sealed: those of earlier versions are not.
 *
 * @throws SealBroken; SyntaxError for a text that is not JSON
 */
export function unsealed(text: string): {
  readonly body: Readonly<Record<string, unknown>>;
  readonly isSealed: boolean;
} {
  const { sha256: expected, ...body } = Object(JSON.parse(text)) as Record<string, unknown>;
  if (expected !== undefined) {
    const received = sha256(JSON.stringify(body));
    if (expected !== received) {
      throw new SealBroken(
        typeof expected === 'string' ? expected : JSON.stringify(expected),
        received,
      );
    }
  }
  // With the numbers back that JSON lacks.
  return { body: fromJson(JSON.stringify(body)) as typeof body, isSealed: expected !== undefined };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

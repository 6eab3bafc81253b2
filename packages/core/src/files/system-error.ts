import { constants } from 'node:os';

/**
 * Returns what the system refused, in words. Node has no name for some errors that disks make, such as a quota that is
 * used up: it calls them "Unknown system error -122".
 */
export function systemErrorText(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const { errno, syscall, message } = cause as NodeJS.ErrnoException;
  if (errno === undefined || !message.startsWith('Unknown system error')) return message;
  const known = Object.entries(constants.errno).find(([, number]) => number === -errno);
  if (known === undefined) return message;
  const [name] = known;
  return `${name}: ${WORDS[name] ?? 'refused by the system'}, ${syscall}`;
}

const WORDS: Readonly<Record<string, string>> = {
  EDQUOT: 'the disk quota is used up',
  ESTALE: 'the network file system has lost the file',
};

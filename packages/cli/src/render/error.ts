/** An error as people read it, and the exit code it asks for. */
import { shellWord } from '@eddy/tensor/errors';

import { EXIT } from '../process/exit-codes.ts';

/**
 * Errors are told apart by their fields, not their class: printing one must not load core, and a
 * plugin may bring a second copy of it.
 */
export function renderError(error: unknown): { readonly text: string; readonly code: number } {
  if (error instanceof Error) {
    const { code, exitCode } = error as { code?: unknown; exitCode?: unknown };
    const isOurs = error.name === 'EddyError' || error.name === 'InternalError';
    if (isOurs && typeof code === 'string' && typeof exitCode === 'number') {
      const text = exitCode === EXIT.internal ? internal(error) : withCause(error);
      return { text, code: exitCode };
    }
    if (isOfTheSystem(error))
      return { text: withCause(error, systemText(error)), code: EXIT.failed };
    return { text: internal(error), code: EXIT.internal };
  }
  return { text: internal(new Error(String(error))), code: EXIT.internal };
}

/** What a user can mend who sees the path; other refusals of the system are defects. */
const OF_THE_SYSTEM = [
  ...['ENOENT', 'ENOTDIR', 'EISDIR', 'EEXIST', 'ENOTEMPTY', 'ENAMETOOLONG', 'ELOOP'],
  ...['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE'],
];

function isOfTheSystem(error: NodeJS.ErrnoException): boolean {
  return typeof error.syscall === 'string' && OF_THE_SYSTEM.includes(error.code ?? '');
}

function systemText({ message, path, syscall, code: received }: NodeJS.ErrnoException): string {
  const facts = {
    code: 'FILE_UNUSABLE',
    message: /^\w+: ([^,]+)/.exec(message)?.[1] ?? message,
  };
  return [
    `${facts.code}  ${facts.message}`,
    ...(path === undefined ? [] : [`  at        ${path}`]),
    `  received  ${received} of ${syscall}`,
    `  fix       ${systemFix(received ?? '', path)}`,
  ].join('\n');
}

/** Returns the fix for a refusal of the system. */
function systemFix(refusal: string, path = 'PATH'): string {
  switch (refusal) {
    case 'ENOENT':
      return `correct the path: ${path} does not exist`;
    case 'ENOTDIR':
      return `name another path: a parent of ${path} is a file, not a folder`;
    case 'EISDIR':
      return `name a file: ${path} is a folder`;
    case 'EACCES':
    case 'EPERM':
      return `give this user access, \`chmod u+rwX ${shellWord(path)}\`, or name another path`;
    case 'EEXIST':
    case 'ENOTEMPTY':
      return `name another path, or delete ${path}`;
    case 'ENAMETOOLONG':
      return 'name a shorter path';
    case 'ELOOP':
      return `delete the symbolic links in ${path} that point to each other`;
    case 'ENOSPC':
    case 'EDQUOT':
      return `free space on the disk of ${path}, or name a path on another disk`;
    case 'EROFS':
      return 'name a path on a writable disk';
    default:
      return 'raise the limit of open files: `ulimit -n 4096`';
  }
}

function internal(error: Error): string {
  const title = error.message.startsWith('internal: ')
    ? error.message
    : `internal: ${error.message}`;
  const report = 'This is a defect of Eddy. Please report it with the lines above.';
  return `${title}\n${stackOf(error)}\n${report}`;
}

/** `EDDY_DEBUG=1` shows where an error was made, and its causes. */
function withCause(error: Error, text = error.message): string {
  if (process.env['EDDY_DEBUG'] === undefined) return text;
  const causes: string[] = [text, stackOf(error)];
  for (let at = error.cause; at instanceof Error; at = at.cause) {
    causes.push(`caused by: ${at.message}\n${stackOf(at)}`);
  }
  return causes.join('\n');
}

function stackOf(error: Error): string {
  const lines = error.stack?.split('\n') ?? [];
  return lines.filter((line) => line.startsWith('    at ')).join('\n');
}

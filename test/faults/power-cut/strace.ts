/** Reads strace's record of the file-system calls of a process and its children, in the order of their ends. */

/** A call that succeeded. */
export interface Call {
  /** Process, whichever of its threads called. */
  readonly pid: number;
  readonly name: string;
  readonly args: readonly Argument[];
  readonly result: number;
  /** The number of calls that had ended when this one began: it can rely on no other. */
  readonly begunAfter: number;
}

export interface Argument {
  readonly text: string;
  /** The bytes of a string, or of the buffers of a `writev`. */
  readonly bytes?: Buffer;
  /** The path that a descriptor stands for. */
  readonly path?: string;
}

/** Calls that change files, directories or descriptors, and those that make processes. */
const TRACED = [
  ...['open', 'openat', 'creat', 'close', 'dup', 'dup2', 'dup3', 'fcntl', 'lseek'],
  ...['write', 'pwrite64', 'writev', 'pwritev', 'pwritev2', 'ftruncate', 'truncate', 'fallocate'],
  ...['fsync', 'fdatasync', 'copy_file_range', 'sendfile', 'read', 'readv'],
  ...['rename', 'renameat', 'renameat2', 'unlink', 'unlinkat', 'mkdir', 'mkdirat', 'rmdir'],
  ...['link', 'linkat', 'symlink', 'symlinkat', 'clone', 'clone3', 'fork', 'vfork'],
];

/** Reads matter only where they move the place of the next write, which no program here does. */
const NOT_TRACED = new Set(['read', 'readv']);
const MAX_STRING_BYTES = 1 << 24;

/** Returns the options of strace that record a command. */
export function straceOptions(output: string): string[] {
  const traced = TRACED.filter((name) => !NOT_TRACED.has(name)).join(',');
  // -xx: all strings in hex; -y: paths of descriptors.
  const format = ['-f', '-y', '-xx', '-s', String(MAX_STRING_BYTES), '--seccomp-bpf'];
  return [...format, '-e', `trace=${traced}`, '-e', 'signal=none', '-o', output];
}

/** @throws for what it does not understand: a call that is overlooked would be a wrong proof */
export function parseStrace(text: string): Call[] {
  const calls: Call[] = [];
  const begun = new Map<string, { readonly text: string; readonly begunAfter: number }>();
  /** Thread → its process. */
  const processes = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^(\d+) +(.*)$/.exec(line);
    if (match === null || /^(?:\+\+\+|---)/.test(match[2]!)) continue;
    const [, thread, rest] = match as unknown as [string, string, string];
    if (rest.endsWith('<unfinished ...>')) {
      const start = rest.slice(0, -'<unfinished ...>'.length).trimEnd();
      begun.set(thread, { text: start, begunAfter: calls.length });
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest);
    const start = resumed === null ? undefined : begun.get(thread);
    if (resumed !== null && start === undefined) throw new Error(`no beginning: ${line}`);
    const whole = resumed === null ? rest : `${start!.text}${resumed[1]!}`;
    const call = parseCall(whole);
    if (call === undefined) continue;
    if (/^(?:clone3?|v?fork)$/.test(call.name)) {
      const isThread = call.args.some(({ text: of }) => of.includes('CLONE_THREAD'));
      const child = String(call.result);
      if (isThread) processes.set(child, processes.get(thread) ?? thread);
    }
    const pid = Number(processes.get(thread) ?? thread);
    calls.push({ ...call, pid, begunAfter: start?.begunAfter ?? calls.length });
  }
  return calls;
}

/** Undefined for a call that failed. */
function parseCall(text: string): Omit<Call, 'pid' | 'begunAfter'> | undefined {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(') ');
  const result = /^\) += (-?\d+|\?)/.exec(text.slice(close));
  if (open < 0 || close < open || result === null) {
    throw new Error(`strace wrote what is not understood: ${text.slice(0, 300)}`);
  }
  if (result[1] === '?' || Number(result[1]) < 0) return undefined;
  const args = splitArguments(text.slice(open + 1, close)).map(parseArgument);
  return { name: text.slice(0, open), args, result: Number(result[1]) };
}

/** Strings and paths are in hex, so that no comma or bracket is inside them. */
function splitArguments(text: string): string[] {
  const parts: string[] = [];
  let [depth, from] = [0, 0];
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === '[' || char === '{' || char === '(') depth++;
    else if (char === ']' || char === '}' || char === ')') depth--;
    else if (char === ',' && depth === 0) {
      parts.push(text.slice(from, i).trim());
      from = i + 1;
    }
  }
  return [...parts, text.slice(from).trim()];
}

function parseArgument(text: string): Argument {
  const path = /^(?:-?\d+|AT_FDCWD)<([^>]*)>/.exec(text)?.[1];
  if (path !== undefined) return { text, path: unhex(path).toString() };
  const strings = [...text.matchAll(/"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?/g)];
  if (strings.some(([, , cut]) => cut !== undefined)) throw new Error('strace cut a string short');
  if (strings.length === 0) return { text };
  return { text, bytes: Buffer.concat(strings.map(([, hex]) => unhex(hex!))) };
}

function unhex(text: string): Buffer {
  return Buffer.from(text.replaceAll('\\x', ''), 'hex');
}

/** Other programs as judges of damaged files: scripts of this folder in a Python that has what they import. */
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';

const python = process.env['EDDY_PYTHON'] ?? 'python3';

/** Skips a test, with a reason, where the Python lacks one of the modules. */
export function skipWithout(
  skip: (reason: string) => void,
  modules: readonly string[],
  packages: readonly string[] = modules,
): void {
  if (spawnSync(python, ['-c', `import ${modules.join(', ')}`]).status === 0) return;
  skip(
    `${python} lacks one of ${modules.join(', ')} (pip install ${packages.join(' ')}, or set EDDY_PYTHON)`,
  );
}

/** Runs a script of this folder; returns what it prints. */
export function runOracle(script: string, args: readonly string[], input = ''): string {
  const file = join(import.meta.dirname, 'oracle', script);
  return execFileSync(python, [file, ...args], {
    input,
    maxBuffer: 1 << 30,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}

/** Runs a script that prints JSON. */
export function verdictsOf<T>(script: string, args: readonly string[], input?: string): T {
  return JSON.parse(runOracle(script, args, input)) as T;
}

/** Files in one: the length of each as four bytes, little-endian, before its content. */
export function packed(files: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    files.flatMap((file) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(file.length);
      return [length, file];
    }),
  );
}

/** The files of `packed`. */
export function unpacked(content: Buffer): Buffer[] {
  const files: Buffer[] = [];
  for (let at = 0; at < content.length;) {
    const end = at + 4 + content.readUInt32LE(at);
    files.push(content.subarray(at + 4, end));
    at = end;
  }
  return files;
}

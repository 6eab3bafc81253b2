/** Opens an address in the user's browser. */
import { spawn } from 'node:child_process';

/** Says nothing where it fails: the address was printed. */
export function openBrowser(url: string): void {
  const [program, ...args] = commandFor(process.platform);
  const child = spawn(program!, [...args, url], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}

function commandFor(platform: NodeJS.Platform): readonly string[] {
  if (platform === 'darwin') return ['open'];
  if (platform === 'win32') return ['explorer.exe'];
  return ['xdg-open'];
}

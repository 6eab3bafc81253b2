/** The run folders and sweeps below a folder. Links are not followed. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

import { isSweepFolder } from '@eddy/core/report';

export interface FoundRun {
  readonly id: string;
  /** Absolute, without links. */
  readonly path: string;
  /** As the user would name it. */
  readonly folder: string;
  /** Id of the sweep that it is a trial of. */
  readonly sweep?: string;
  readonly trial?: string;
}

export interface FoundSweep {
  readonly id: string;
  readonly path: string;
  readonly folder: string;
}

export interface Found {
  readonly runs: readonly FoundRun[];
  readonly sweeps: readonly FoundSweep[];
  /** Folders in which new runs may appear. */
  readonly holders: readonly string[];
}

/** Folders below the one that is shown: `runs/name/…` and `project/runs/name`. */
const MAX_DEPTH = 2;
const MAX_FOLDERS = 50_000;

/** @param roots  folders that exist, as the user names them */
export function findRuns(roots: readonly string[]): Found {
  const runs = new Map<string, FoundRun>();
  const sweeps = new Map<string, FoundSweep>();
  const holders: string[] = [];
  let looked = 0;

  const look = (path: string, name: (path: string) => string, depth: number): void => {
    if (++looked > MAX_FOLDERS) return;
    const id = idOf(path);
    if (isSweepFolder(path)) {
      sweeps.set(id, { id, path, folder: name(path) });
      const trials = join(path, 'trials');
      holders.push(trials);
      for (const trial of foldersIn(trials)) {
        const run = join(trials, trial);
        if (!isRun(run)) continue;
        runs.set(idOf(run), { id: idOf(run), path: run, folder: name(run), sweep: id, trial });
      }
    } else if (isRun(path)) {
      runs.set(id, { id, path, folder: name(path) });
    } else if (depth > 0) {
      holders.push(path);
      for (const folder of foldersIn(path)) {
        if (!folder.startsWith('.') && folder !== 'node_modules') {
          look(join(path, folder), name, depth - 1);
        }
      }
    }
  };
  for (const root of roots) {
    const real = realpathSync(root);
    look(real, (path) => join(root, relative(real, path)) || root, MAX_DEPTH);
  }
  return { runs: [...runs.values()], sweeps: [...sweeps.values()], holders };
}

/** The same for a folder each time, so that an address of the page stays valid; says nothing of the path. */
function idOf(path: string): string {
  return createHash('sha256').update(path).digest('base64url').slice(0, 12);
}

/**
 * Returns the real path of a file of a run; undefined if it is absent or lies elsewhere, by a link or by
 * its name.
 */
export function fileInside(folder: string, ...names: readonly string[]): string | undefined {
  try {
    const real = realpathSync.native(join(folder, ...names));
    const stats = statSync(real);
    // A pipe would hold up all that the server does.
    if (!stats.isFile() && !stats.isDirectory()) return undefined;
    return real.startsWith(realpathSync.native(folder) + sep) ? real : undefined;
  } catch {
    return undefined;
  }
}

function isRun(path: string): boolean {
  const has = (name: string) => existsSync(join(path, name));
  // A checkpoint has a manifest too, and a run may have lost its own.
  return (
    (has('manifest.json') && !has('state.safetensors')) ||
    (has('config.yml') && has('journal.jsonl'))
  );
}

function foldersIn(path: string): string[] {
  try {
    const entries = readdirSync(path, { withFileTypes: true });
    return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch {
    return [];
  }
}

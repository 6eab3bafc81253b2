/** Where a pipeline may read code and config from: its project, and nothing outside. */
import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, parse, resolve, sep } from 'node:path';

import { nonFileKind } from '../files/input-file.ts';
import type { Origin, Path } from './config-node.ts';
import type { Problem } from './problem.ts';

/**
 * The folder that files named by a pipeline must stay inside: the nearest one upwards with a
 * `package.json` or `.git`, else the pipeline file's own.
 */
export function projectRootOf(file: string): string {
  const start = realpathSync(dirname(file));
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json')) || existsSync(join(folder, '.git'))) return folder;
    if (folder === parse(folder).root) return start;
  }
}

/** A file that a config names, resolved from `folder`; or the problem with it. */
export function resolveInProject(args: {
  readonly target: string;
  readonly folder: string;
  readonly projectRoot: string;
  /** Endings to try after the name as written. */
  readonly endings: readonly string[];
  readonly origin: Origin;
  readonly path: Path;
  /** What to do about a file that is not there, in place of checking the path. */
  readonly missingFix?: string | undefined;
}): { readonly file: string } | { readonly problem: Problem } {
  const { target, folder, projectRoot, endings, origin, path } = args;
  const refuse = (message: string, fix: string) => ({
    problem: {
      origin,
      path,
      message,
      expected: `a file inside the project ${projectRoot}`,
      received: JSON.stringify(target),
      fix,
    },
  });
  if (target === '' || target.includes('\0'))
    return refuse('this is not a path', 'write a file name');
  const outside = 'files that a pipeline names must be inside its project folder';
  const base = resolve(folder, target);
  if (isAbsolute(target) || !isInside(projectRoot, base)) {
    return refuse(outside, 'use a relative path to a file in the project, or copy the file there');
  }
  const file = ['', ...endings].map((ending) => base + ending).find(isFile);
  const kind = kindOf(base);
  if (file === undefined && kind !== undefined) {
    return refuse(`this path leads to ${kind}`, 'name a file');
  }
  if (file === undefined) {
    const fix = args.missingFix ?? `check the path; it starts at ${folder}`;
    return refuse('the file does not exist', fix);
  }
  // A symbolic link may lead out.
  const real = realpathSync(file);
  if (!isInside(projectRoot, real)) {
    return refuse(outside, `this is a link to ${real}: copy the file into the project`);
  }
  return { file: real };
}

export function isInside(folder: string, file: string): boolean {
  return file === folder || file.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** Returns the kind of thing that lies at a path; undefined for a file, and where nothing lies. */
function kindOf(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? undefined : nonFileKind(stats);
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true;
}

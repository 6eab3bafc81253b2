/**
 * Where the relative paths of a pipeline file start. For the config of a run, which may have been moved
 * or copied, the places where its project may be, and at last the run's own folder.
 */
import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';

import { z } from 'zod';

import { JSON_LIMIT, readInputText } from '../files/input-file.ts';
import { child, type MapNode } from '../config/config-node.ts';
import { ConfigInvalid } from '../config/problem.ts';
import { isInside, projectRootOf } from '../config/project-paths.ts';
import {
  findSources,
  keptSourcesSchema,
  SOURCES_FOLDER,
  verifySources,
} from '../plugin/kept-sources.ts';

/** Something to say to the user once there is somebody to say it to. */
export interface Notice {
  readonly level: 'info' | 'warning';
  readonly text: string;
}

export interface BaseFolders {
  /** Where relative paths of data and weights start; absolute. */
  readonly folder: string;
  /** Where the paths of `plugins:` start, and what they must stay inside. */
  readonly plugins: { readonly folder: string; readonly projectRoot: string };
  readonly notices: readonly Notice[];
  /** What to do about a plugin's file that is gone, where checking the path does not help. */
  readonly missingFix?: string;
}

/** Where a run was started, as its manifest records it. */
export const runOriginSchema = z.looseObject({
  /** The run's own folder at that time; absolute. */
  folder: z.string(),
  /** Where relative paths of its pipeline started; absolute. */
  baseFolder: z.string(),
});

export type RunOrigin = Readonly<z.output<typeof runOriginSchema>>;

const manifestSchema = z.looseObject({
  origin: runOriginSchema.optional().catch(undefined),
  sources: keptSourcesSchema.optional(),
});

/**
 * Finds where the relative paths of a pipeline file start.
 *
 * @param tree  the composed file
 * @throws CONFIG_INVALID for a `baseFolder` outside the project; RUN_SOURCES_DAMAGED
 */
export async function baseFoldersOf(tree: MapNode, file: string): Promise<BaseFolders> {
  const own = realpathSync(dirname(file));
  const node = child(tree, 'baseFolder');
  const written =
    node?.kind === 'scalar' && typeof node.value === 'string'
      ? resolve(own, node.value)
      : undefined;
  if (isConfigOfRun(file)) return foldersOfRun(own, written);
  const projectRoot = projectRootOf(file);
  const folder = written ?? own;
  const refuse = (message: string, expected: string, fix: string) => {
    const received = JSON.stringify(node?.kind === 'scalar' ? node.value : undefined);
    const origin = (node ?? tree).origin;
    const path = ['baseFolder'];
    return new ConfigInvalid(file, [{ origin, path, message, expected, received, fix }]);
  };
  if (!isInside(projectRoot, folder)) {
    const fix = 'remove it: the folder of the file is the default';
    throw refuse('the base folder is outside the project', `a folder inside ${projectRoot}`, fix);
  }
  if (!existsSync(folder)) {
    const fix = 'name the folder that relative paths of this file start from';
    throw refuse('the base folder does not exist', 'a folder that exists', fix);
  }
  return { folder, plugins: { folder, projectRoot }, notices: [] };
}

/** A run may lie outside the project that it came from; its config leads back there. */
function isConfigOfRun(file: string): boolean {
  return basename(file) === 'config.yml' && existsSync(join(dirname(file), 'manifest.json'));
}

/**
 * The first place that exists: as the config says it, as it was when the run started, as it would be if
 * run and project had been moved together. Code is taken from the first place that has all of it, else
 * from the run's own copies.
 */
async function foldersOfRun(run: string, written: string | undefined): Promise<BaseFolders> {
  const { origin, sources } = await readOrigin(run);
  const places = [
    ...(written === undefined ? [] : [written]),
    ...(origin === undefined ? [] : [resolve(run, relative(origin.folder, origin.baseFolder))]),
    ...(origin === undefined ? [] : [origin.baseFolder]),
  ].filter((folder, i, all) => all.indexOf(folder) === i && existsSync(folder));
  const inProject = (folder: string) => ({ folder, projectRoot: projectRootOf(join(folder, 'x')) });
  const folder = places[0] ?? run;
  if (sources === undefined) {
    const gone = places.length === 0 ? written : undefined;
    return {
      folder,
      plugins: inProject(folder),
      notices: [],
      ...(gone === undefined ? {} : { missingFix: missingFix(gone) }),
    };
  }
  for (const place of places) {
    const { missing, changed } = await findSources(place, sources);
    if (missing.length > 0) continue;
    const notices = changed.map((file): Notice => ({ level: 'warning', text: changedText(file) }));
    return { folder, plugins: inProject(place), notices };
  }
  await verifySources(run, sources);
  const projectRoot = join(run, SOURCES_FOLDER);
  const kept = join(projectRoot, sources.base);
  const names = Object.keys(sources.files).join(', ');
  return {
    folder: places[0] ?? kept,
    plugins: { folder: kept, projectRoot },
    notices: [
      { level: 'info', text: `the plugins are the run's own copies in ${projectRoot}: ${names}` },
    ],
  };
}

async function readOrigin(run: string): Promise<z.output<typeof manifestSchema>> {
  try {
    return manifestSchema.parse(
      JSON.parse(await readInputText(join(run, 'manifest.json'), JSON_LIMIT)),
    );
  } catch {
    // Whoever opens the run says what is wrong with its manifest.
    return {};
  }
}

function changedText(file: string): string {
  return (
    `${file} differs from the file that the run was started with, of which the run keeps a copy in ${SOURCES_FOLDER}/; ` +
    'the changed file is used'
  );
}

function missingFix(folder: string): string {
  return (
    `move the project back to ${folder}: this run keeps no copy of it (runs of earlier versions, averages); ` +
    'or name a pipeline file that lists the plugin: --pipeline FILE'
  );
}

import { dirname, relative, resolve } from 'node:path';
import { createInterface, type Interface } from 'node:readline/promises';

import { nameOfFile, printConfig, type Origin, type Path } from '@eddy/core/config';
import { PIPELINE_LIMIT, readInputTextSync } from '@eddy/core/files';
import { shellWord } from '@eddy/tensor/errors';

import { nextName, pipelineNotFound } from '../project/errors.ts';
import { findPipeline } from '../project/find-pipeline.ts';
import { recipeNames, schemaFile } from '../project/recipes.ts';
import { loadPipeline } from '../project/load.ts';
import { writeNewFile } from '../project/new-file.ts';
import { usageInvalid } from './errors.ts';

const DEFAULT_FILE = 'pipeline.yml';
const DEFAULT_RECIPE = 'sudoku-4x4';
const SCHEMA_LINE = /^# yaml-language-server:.*\n(#\n)?/;

interface InitOptions {
  readonly recipe?: string;
  /** The file to write, as FILE is. */
  readonly output?: string;
}

/** Writes a pipeline file that runs as it is. Asks only a person at a terminal, and only what no option says. */
export async function initCommand(
  argument: string | undefined,
  options: InitOptions,
): Promise<void> {
  const { output } = options;
  if (argument !== undefined && output !== undefined && argument !== output) {
    const fix = `give one of them: pipeline init ${argument}`;
    throw usageInvalid('FILE', `and --output name two files, ${argument} and ${output}`, fix);
  }
  const file = argument ?? output;
  const recipes = recipeNames();
  const asks = process.stdin.isTTY && process.stdout.isTTY && file === undefined;
  const answers = asks ? await ask(recipes, options) : options;
  const recipe = answers.recipe ?? DEFAULT_RECIPE;
  if (!recipes.includes(recipe)) throw pipelineNotFound(recipe, recipes);
  const path = file ?? (answers as { file?: string }).file ?? DEFAULT_FILE;
  const chosen = recipe === DEFAULT_RECIPE ? '' : ` --recipe ${recipe}`;
  const fix = `name another file: \`pipeline init ${shellWord(nextName(path))}${chosen}\``;
  await writeNewFile(path, await contentOf(recipe, path), fix);
  process.stdout.write(`${path}\n\n  pipeline plan ${path}\n  pipeline run ${path}\n`);
}

/** @throws USAGE_INVALID when the input ends before the last answer */
export async function ask(
  recipes: readonly string[],
  { recipe }: InitOptions,
  terminal: Interface = createInterface({ input: process.stdin, output: process.stdout }),
): Promise<{ readonly recipe: string; readonly file: string }> {
  // A question of a terminal that closes (Ctrl-C, Ctrl-D) is never answered, nor refused.
  const closed = new Promise<never>((_resolve, reject) => {
    terminal.once('close', () => {
      const fix = `answer them, or name a file and a recipe: \`pipeline init ${DEFAULT_FILE} --recipe ${DEFAULT_RECIPE}\``;
      reject(usageInvalid('the questions', 'were not answered; nothing was written', fix));
    });
  });
  const answerTo = async (question: string) =>
    (await Promise.race([terminal.question(question), closed])).trim();
  try {
    const question = `Recipe to start from (${recipes.join(', ')}) [${DEFAULT_RECIPE}]: `;
    const chosen = recipe ?? ((await answerTo(question)) || DEFAULT_RECIPE);
    const file = (await answerTo(`File [${DEFAULT_FILE}]: `)) || DEFAULT_FILE;
    return { recipe: chosen, file };
  } finally {
    terminal.close();
  }
}

/**
 * Returns the recipe under the name of the file, with the line by which an editor finds the schema.
 * A recipe that extends others is composed, so that the file needs none beside it.
 */
export async function contentOf(recipe: string, file: string): Promise<string> {
  const source = readInputTextSync(findPipeline(recipe), PIPELINE_LIMIT);
  const comment = /^(?:#.*\n)*/.exec(source)![0].replace(SCHEMA_LINE, '');
  const body = /^\s*(extends|defaults):/m.test(source)
    ? await composed(recipe)
    : source.replace(/^(?:#.*\n)*/, '');
  const schema = schemaFile();
  const schemaLine =
    schema === undefined
      ? ''
      : `# yaml-language-server: $schema=${relative(dirname(resolve(file)), schema)}\n#\n`;
  return schemaLine + comment + body.replace(/^name:.*$/m, `name: ${nameIn(file)}`);
}

/** The recipe with what it extends, without the defaults of plugins. */
async function composed(recipe: string): Promise<string> {
  const { value, originOf } = await loadPipeline(recipe, []);
  return printConfig(withoutDefaults(value, originOf, []));
}

function withoutDefaults(
  map: Readonly<Record<string, unknown>>,
  originOf: (path: Path) => Origin,
  path: Path,
): Record<string, unknown> {
  const kept = Object.entries(map).flatMap(([key, value]): [string, unknown][] => {
    const at = [...path, key];
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return originOf(at).kind === 'default' ? [] : [[key, value]];
    }
    const inner = withoutDefaults(value as Record<string, unknown>, originOf, at);
    return Object.keys(inner).length === 0 ? [] : [[key, inner]];
  });
  return Object.fromEntries(kept);
}

/** In quotes where YAML would read a number or a truth value. */
function nameIn(file: string): string {
  const name = nameOfFile(file);
  const isText = /^[A-Za-z]/.test(name) && !/^(?:true|false|null)$/i.test(name);
  return isText ? name : JSON.stringify(name);
}

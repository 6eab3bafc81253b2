import { readFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { createInterface } from 'node:readline/promises';

import { pipelineNotFound } from '../errors.ts';
import { findPipeline, recipeNames } from '../find-pipeline.ts';
import { writeNewFile } from '../new-file.ts';

const DEFAULT_FILE = 'pipeline.yml';
const DEFAULT_RECIPE = 'sudoku-4x4';

interface InitOptions {
  readonly recipe?: string;
}

/** Writes a pipeline file that runs as it is. Asks only a person at a terminal, and only what no option says. */
export async function initCommand(file: string | undefined, options: InitOptions): Promise<void> {
  const recipes = recipeNames().filter((name) => isComplete(recipeText(name)));
  const asks = process.stdin.isTTY && process.stdout.isTTY && file === undefined;
  const answers = asks ? await ask(recipes, options) : options;
  const recipe = answers.recipe ?? DEFAULT_RECIPE;
  if (!recipes.includes(recipe)) throw pipelineNotFound(recipe, recipes);
  const path = file ?? (answers as { file?: string }).file ?? DEFAULT_FILE;
  await writeNewFile(path, contentOf(recipe, basename(path, extname(path))));
  process.stdout.write(`${path}\n\n  pipeline plan ${path}\n  pipeline run ${path}\n`);
}

async function ask(
  recipes: readonly string[],
  { recipe }: InitOptions,
): Promise<{ readonly recipe: string; readonly file: string }> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const question = `Recipe to start from (${recipes.join(', ')}) [${DEFAULT_RECIPE}]: `;
    const chosen = recipe ?? ((await terminal.question(question)).trim() || DEFAULT_RECIPE);
    const file = (await terminal.question(`File [${DEFAULT_FILE}]: `)).trim() || DEFAULT_FILE;
    return { recipe: chosen, file };
  } finally {
    terminal.close();
  }
}

function recipeText(name: string): string {
  return readFileSync(findPipeline(name), 'utf8');
}

/** Needs no file beside it. */
function isComplete(text: string): boolean {
  return !/^\s*(extends|defaults):/m.test(text);
}

/** The recipe under another name, without the line that leads an editor to a schema beside it. */
function contentOf(recipe: string, name: string): string {
  const text = recipeText(recipe).replace(/^# yaml-language-server:.*\n(#\n)?/, '');
  return text.replace(/^name:.*$/m, `name: ${/^[\w-]+$/.test(name) ? name : JSON.stringify(name)}`);
}

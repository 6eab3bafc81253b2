import { readFileSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline/promises';

import { nameOfFile } from '@eddy/core';

import { pipelineNotFound } from '../project/errors.ts';
import { usageInvalid } from './errors.ts';
import { findPipeline, recipeNames } from '../project/find-pipeline.ts';
import { writeNewFile } from '../project/new-file.ts';

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
  await writeNewFile(path, contentOf(recipe, path));
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
      const fix = 'answer them, or name a file: pipeline init FILE --recipe NAME';
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

function recipeText(name: string): string {
  return readFileSync(findPipeline(name), 'utf8');
}

/** Needs no file beside it. */
function isComplete(text: string): boolean {
  return !/^\s*(extends|defaults):/m.test(text);
}

/** The recipe under another name, without the line that leads an editor to a schema beside it. */
export function contentOf(recipe: string, file: string): string {
  const name = nameOfFile(file);
  const text = recipeText(recipe).replace(/^# yaml-language-server:.*\n(#\n)?/, '');
  // In quotes where YAML would read a number or a truth value.
  const isText = /^[A-Za-z]/.test(name) && !/^(?:true|false|null)$/i.test(name);
  return text.replace(/^name:.*$/m, `name: ${isText ? name : JSON.stringify(name)}`);
}

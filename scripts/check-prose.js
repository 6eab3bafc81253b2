/**
 * `npm run check:prose`: checks the English that a program can check (plain sentences are in CONTRIBUTING.md).
 *
 * - Commit titles since the recorded commit are imperative, have at most 72 characters, and no full stop.
 * - A docstring of an exported name is no fragment ("Of the rows …", "What a stage needs").
 * - No sentence has more than 40 words, in Markdown, docstrings, error texts and option descriptions.
 * - Compressed idioms that have a plain word are not used.
 *
 * `scripts/prose/baseline.json` has what was wrong at the beginning; `node scripts/check-prose.js --shrink` lowers it to
 * what is left, and `--all` also lists what it admits.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beyond, shrink, totalOf } from './prose/baseline.js';
import { titleProblems } from './prose/commit-titles.js';
import { fileProblems, isChecked } from './prose/files.js';

const repository = resolve(process.env.EDDY_PROSE_FOLDER ?? join(import.meta.dirname, '..'));
const baselineFile = join(repository, 'scripts/prose/baseline.json');
/** @type {{ commitsAfter: string, admitted: import('./prose/baseline.js').Baseline }} */
const baseline = JSON.parse(readFileSync(baselineFile, 'utf8'));

const problems = (git('ls-files', '-co', '--exclude-standard') ?? '')
  .split('\n')
  .filter(isChecked)
  .flatMap((file) => fileProblems(file, readIfPresent(join(repository, file))));
const found = process.argv.includes('--all') ? problems : beyond(problems, baseline.admitted);
for (const { rule, file, line, message } of found)
  console.error(`${file}:${line} ${rule}: ${message}`);

const titles = newTitles();
const badTitles = titles.flatMap(({ id, title }) =>
  titleProblems(title).map((problem) => `${id} “${title}” ${problem}`),
);
for (const problem of badTitles) console.error(problem);

if (process.argv.includes('--shrink')) {
  baseline.admitted = shrink(problems, baseline.admitted);
  writeFileSync(baselineFile, `${JSON.stringify(baseline, null, 2)}\n`);
}
const numNew = beyond(problems, baseline.admitted).length;
console.log(
  `prose: ${titles.length} commit titles, ${badTitles.length} wrong; ` +
    `${problems.length} problems in files, ${totalOf(baseline.admitted)} admitted`,
);
if (numNew + badTitles.length > 0) process.exitCode = 1;

/** Commits after the recorded one; where it is not in the history (a shallow clone), the last commit only. */
function newTitles() {
  const { commitsAfter } = baseline;
  const range =
    git('merge-base', '--is-ancestor', commitsAfter, 'HEAD') === undefined
      ? 'HEAD^!'
      : `${commitsAfter}..HEAD`;
  const log = git('log', '--no-merges', '--format=%h %s', range) ?? '';
  return log
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => ({
      id: line.slice(0, line.indexOf(' ')),
      title: line.slice(line.indexOf(' ') + 1),
    }));
}

/** @param {...string} args */
function git(...args) {
  const { status, stdout } = spawnSync('git', args, {
    cwd: repository,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  return status === 0 ? stdout : undefined;
}

/** A file that git lists may have been deleted. @param {string} path */
function readIfPresent(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

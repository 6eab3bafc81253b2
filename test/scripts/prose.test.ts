import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { freshFolder } from '@eddy/core/testing';
import { describe, expect, it } from 'vitest';
import { beyond, shrink } from '../../scripts/prose/baseline.js';
import { titleProblems } from '../../scripts/prose/commit-titles.js';
import { fileProblems, isChecked } from '../../scripts/prose/files.js';

const repository = resolve(import.meta.dirname, '../..');
const LONG = `One ${'word '.repeat(40)}.`;

function rulesOf(file: string, content: string): string[] {
  return fileProblems(file, content).map(({ rule, line }) => `${line} ${rule}`);
}

describe('commit titles', () => {
  it.each([
    ['Reject a sweep without values'],
    ['Re-run the stage that the edit changed'],
    [`Add ${'x'.repeat(68)}`],
  ])('admit %s', (title) => {
    expect(titleProblems(title)).toEqual([]);
  });

  it.each([
    ['wip: figures', 'says "wip"'],
    ['add a flag', 'capital'],
    ['Guide: what is known of bit for bit', 'imperative'],
    ['A rank that is none is invalid', 'imperative'],
    ['Adds a flag', 'imperative'],
    ['Add a flag.', 'full stop'],
    [`Add ${'x'.repeat(69)}`, '73 characters'],
  ])('refuse %s', (title, problem) => {
    expect(titleProblems(title).join()).toContain(problem);
  });
});

describe('docstrings', () => {
  it.each([
    '/** Of so many calls. */\nexport const a = 1;',
    '/** Whether it is on. */\nexport function a(): boolean { return true; }',
    'export interface A {\n  /** What a stage needs. */\n  b: number;\n}',
    'export class A {\n  /** For messages: the file. */\n  b = 1;\n}',
  ])('report the fragment of %s', (source) => {
    const rules = rulesOf('packages/a/src/a.ts', source);
    expect(rules.filter((rule) => rule.endsWith('fragment'))).toHaveLength(1);
  });

  it.each([
    '/** The number of calls. */\nexport const a = 1;',
    '/** For each row, returns its number. */\nexport const a = 1;',
    '/** What is left over. */\nconst internal = 1;',
    'export class A {\n  /** What is left over. */\n  private b = 1;\n}',
    'export function f() {\n  /** What is left over. */\n  const b = 1;\n  return b;\n}',
  ])('admit %s', (source) => {
    expect(rulesOf('packages/a/src/a.ts', source)).toEqual([]);
  });
});

describe('sentences and idioms', () => {
  it('are reported in docstrings, strings and templates with their lines', () => {
    const source = `/** ${LONG} */\nconst a = 1;\nfail({ fix: '${LONG}', at: \`this makes no sense \${a} at all\` });\n`;
    expect(rulesOf('packages/a/src/a.ts', source)).toEqual([
      '1 long-sentence',
      '3 long-sentence',
      '3 idiom',
    ]);
  });

  it('are reported in paragraphs and table cells of Markdown, not in code', () => {
    const page = `# T\n\n${LONG}\n\n\`\`\`\n${LONG}\n\`\`\`\n\n| a | ${LONG} |\n\nTwo. Results anew.\n`;
    expect(rulesOf('docs/a.md', page)).toEqual(['3 long-sentence', '9 long-sentence', '11 idiom']);
  });

  it('end at a full stop and at a list item', () => {
    const half = `One ${'word '.repeat(24)}end`;
    expect(rulesOf('docs/a.md', `${half}. ${half}.\n\n- ${half}\n- ${half}\n`)).toEqual([]);
    expect(rulesOf('docs/a.md', `${half}; ${half}.\n`)).toEqual(['1 long-sentence']);
  });

  it('are checked where somebody reads them', () => {
    const checked = [
      'README.md',
      'packages/a/src/b.ts',
      'scripts/size.js',
      'packages/ui/src/c.tsx',
    ];
    const others = [
      'docs/ja/a.md',
      'packages/a/src/b.test.ts',
      'test/docs/a.ts',
      'pipelines/a.yml',
    ];
    expect([...checked, ...others].filter(isChecked)).toEqual(checked);
  });
});

describe('the baseline', () => {
  const problem = { rule: 'idiom', file: 'a.md', line: 1, message: '' };

  it('admits as many problems of a file as it says, and reports all of them beyond that', () => {
    expect(beyond([problem], { idiom: { 'a.md': 1 } })).toEqual([]);
    expect(beyond([problem, problem], { idiom: { 'a.md': 1 } })).toHaveLength(2);
    expect(beyond([problem], { idiom: { 'b.md': 1 }, fragment: { 'a.md': 1 } })).toHaveLength(1);
  });

  it('only shrinks', () => {
    const baseline = { idiom: { 'a.md': 3, 'b.md': 2 } };
    expect(shrink([problem], baseline)).toEqual({ idiom: { 'a.md': 1 } });
    expect(
      shrink([problem, problem, { ...problem, file: 'c.md' }], { idiom: { 'a.md': 1 } }),
    ).toEqual({
      idiom: { 'a.md': 1 },
    });
  });
});

describe('npm run check:prose', () => {
  const folder = freshFolder();

  function write(file: string, content: string): void {
    mkdirSync(dirname(join(folder.path, file)), { recursive: true });
    writeFileSync(join(folder.path, file), content);
  }

  function git(...args: string[]): string {
    const author = ['-c', 'user.name=a', '-c', 'user.email=a@b.c'];
    return spawnSync('git', [...author, ...args], {
      cwd: folder.path,
      encoding: 'utf8',
    }).stdout.trim();
  }

  function check(...args: string[]) {
    return spawnSync(process.execPath, [join(repository, 'scripts/check-prose.js'), ...args], {
      env: { ...process.env, EDDY_PROSE_FOLDER: folder.path },
      encoding: 'utf8',
    });
  }

  it('reads the titles after the recorded commit, and the files of the checkout', () => {
    git('init', '--quiet');
    write('page.md', 'It makes no sense.\n');
    git('add', '.');
    git('commit', '--quiet', '-m', 'wip before the check began');
    const commitsAfter = git('rev-parse', 'HEAD');
    const baseline = 'scripts/prose/baseline.json';
    write(baseline, JSON.stringify({ commitsAfter, admitted: { idiom: { 'page.md': 2 } } }));
    git('add', '.');
    git('commit', '--quiet', '-m', 'Add a baseline');
    expect(check()).toMatchObject({
      status: 0,
      stdout: 'prose: 1 commit titles, 0 wrong; 1 problems in files, 2 admitted\n',
      stderr: '',
    });

    expect(check('--shrink').status).toBe(0);
    expect(JSON.parse(readFileSync(join(folder.path, baseline), 'utf8'))).toEqual({
      commitsAfter,
      admitted: { idiom: { 'page.md': 1 } },
    });

    write('packages/a/src/a.ts', '/** Whether it is on. */\nexport const on = true;\n');
    git('add', '.');
    git('commit', '--quiet', '-m', 'Guide: more of it');
    const failed = check();
    expect(failed.status).toBe(1);
    expect(failed.stderr).toContain('packages/a/src/a.ts:1 fragment: on: Whether it is on.');
    expect(failed.stderr).toContain('“Guide: more of it” does not begin with an imperative');
  });
});

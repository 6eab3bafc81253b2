/** Completion in real shells: the scripts that `pipeline completion` prints, and how fast they answer. */
import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { resolve } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { Workplace } from './eddy-cli.ts';

const BIN = resolve(import.meta.dirname, '../../packages/cli/bin/pipeline.js');

let place: Workplace;
beforeAll(() => {
  place = new Workplace();
  // In shells of their own, where `pipeline` is no function.
  const shim = place.write('bin/pipeline', `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`);
  chmodSync(shim, 0o755);
  for (const shell of ['bash', 'zsh', 'fish']) {
    place.write(`completion.${shell}`, place.eddy('completion', shell).stdout);
  }
});
afterAll(() => place.remove());

/** Runs a script in a shell in which `pipeline` is on the path. */
function inShell(command: string): string {
  const { stdout, stderr, status } = place.sh(`PATH="$PWD/bin:$PATH" ${command}`);
  expect({ status, stderr }).toMatchObject({ status: 0 });
  return stdout;
}

/** Skips the tests of a suite where a shell is not installed. */
function needs(shell: string): void {
  const { status } = spawnSync(shell, ['--version']);
  beforeEach(({ skip }) => skip(status !== 0, `${shell} is not installed`));
}

/** Lines of what is typed → what is offered, the same in each shell. */
const CASES: [line: string, offered: string[]][] = [
  ['pipeline ru', ['run', 'runs']],
  ['pipeline run sudoku-4', ['sudoku-4x4']],
  ['pipeline run sudoku-4x4 train.optimizer.lea', ['train.optimizer.learningRate=']],
  ['pipeline export r --format st', ['state-dict']],
  ['pipeline engines ', ['install']],
];

describe('bash', () => {
  needs('bash');
  const replies = (line: string) => {
    place.write(
      'ask.bash',
      `source completion.bash; COMP_LINE='${line}'; COMP_POINT=\${#COMP_LINE}; _pipeline_completion; printf '%s\\n' "\${COMPREPLY[@]}"`,
    );
    return inShell('bash --norc ask.bash').trim().split('\n');
  };

  it.each(CASES)('completes %s', (line, offered) => {
    expect(replies(line)).toEqual(offered);
  });

  it('completes behind =, where bash begins a new word', () => {
    expect(replies('pipeline run sudoku-4x4 train.optimizer.use=adam')).toEqual([
      'adam-atan2',
      'adamw',
    ]);
  });

  it('is registered for pipeline', () => {
    expect(inShell('true; source ./completion.bash; complete -p pipeline')).toBe(
      'complete -F _pipeline_completion pipeline\n',
    );
  });
});

describe('fish', () => {
  needs('fish');
  const replies = (line: string) => {
    place.write('ask.fish', `source completion.fish; complete -C '${line}'`);
    return inShell('fish --no-config ask.fish')
      .trim()
      .split('\n')
      .map((text) => text.split('\t')[0]!);
  };

  it.each(CASES)('completes %s', (line, offered) => {
    expect(replies(line)).toEqual(offered);
  });
});

describe('zsh', () => {
  needs('zsh');
  it('completes a key at TAB, on a terminal of its own', () => {
    const script = `
      zmodload zsh/zpty
      zpty -b shell zsh -f -i
      type() { zpty -n -w shell "$1" }
      seen=
      wait_for() { local part; repeat 400; do
        while zpty -rt shell part; do seen+=$part; done
        [[ $seen == *$1* ]] && return 0
        sleep 0.05
      done; print -u2 "no $1 in: \${(V)seen}"; return 1 }
      type $'PS1=; autoload -U compinit; compinit -u -D; source ./completion.zsh; echo rea\\dy\n'
      wait_for ready || exit 1
      type $'pipeline run sudoku-4x4 train.optimizer.lea\t'
      wait_for 'learningRate=' || exit 1
      type $'\x15pipeline ru\t\t'
      wait_for 'run a pipeline' || exit 1
      print done`;
    place.write('ask.zsh', script);
    expect(inShell('zsh -f ask.zsh')).toBe('done\n');
  });
});

it('answers a key press in less than 150 ms', () => {
  // Processor time beyond that of Node itself, and the best of several: the machine may be busy.
  const bestMs = (command: string) =>
    Math.min(
      ...Array.from({ length: 7 }, () => {
        const { stderr } = place.sh(`TIMEFORMAT='%3U %3S'; time ${command} > answer.txt`);
        const [user, system] = stderr.trim().split(' ').map(Number);
        return (user! + system!) * 1000;
      }),
    );
  const bareMs = bestMs(`'${process.execPath}' -e 0`);
  expect(bareMs).toBeGreaterThan(5);
  const ask = 'pipeline complete -- run sudoku-4x4 train.optimizer.lea';
  expect(bestMs(ask) - bareMs).toBeLessThan(150);
});

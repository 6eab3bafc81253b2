/** `pipeline pack` makes one file of a run; `pipeline replay` proves its numbers elsewhere. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { TINY, Workplace } from './eddy-cli.ts';

let place: Workplace;
const at = (...parts: string[]) => join(place.folder, ...parts);
const read = (...parts: string[]) => readFileSync(at(...parts));
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Sudokus of the rows of one, which keep its symmetry: enough for a CSV file of its own. */
const GRID = '123456789456789123789123456214365897365897214897214365531642978642978531978531642';

/** A project with a plugin and a CSV file, and a run of it. */
beforeAll(() => {
  place = new Workplace();
  const template = resolve(import.meta.dirname, '../../packages/cli/templates/evaluator');
  place.write('project/package.json', '{}');
  place.write('project/wrong-cells.ts', readFileSync(join(template, 'wrong-cells.ts'), 'utf8'));
  const rows = Array.from({ length: 16 }, (_, i) => {
    const shifted = [...GRID].map((digit) => String(((Number(digit) + i - 1) % 9) + 1)).join('');
    const open = [...shifted].map((digit, cell) => ((cell + i) % 3 === 0 ? '.' : digit)).join('');
    return `mine,${open},${shifted},${i % 2}`;
  });
  place.write('project/good.csv', `source,question,answer,rating\n${rows.join('\n')}\n`);
  place.write(
    'project/csv.yml',
    TINY.replace(
      '{ generator: { size: 4, train: 16, test: 8 } }',
      '{ csv: { train: good.csv, test: good.csv } }',
    )
      .replace('name: tiny', 'name: shared')
      .replace('[exact-accuracy]', '[exact-accuracy, wrong-cells]')
      .concat('plugins: [./wrong-cells.ts]\nloggers: [console, report]\n'),
  );
  const run = place.eddy('run', 'project/csv.yml', '--run-dir', 'project/runs/r');
  expect(run.stderr).toBe('');
  expect(run.status).toBe(0);
});
afterAll(() => place.remove());

/** Packs the run, and returns what it printed as JSON. */
function packed(output: string, ...options: string[]) {
  const { stderr, json } = packedWithWarnings(output, ...options);
  expect(stderr).toBe('');
  return json;
}

function packedWithWarnings(output: string, ...options: string[]) {
  const { status, stdout, stderr } = place.eddy(
    ...['pack', 'project/runs/r', '-o', output, '--json', ...options],
  );
  expect(status, stderr).toBe(0);
  const json = JSON.parse(stdout) as {
    sha256: string;
    manifest: { checkpoints: string[]; files: Record<string, { sha256: string }> };
  };
  return { stderr, json };
}

interface Best {
  readonly step: number;
}

interface ReplayJson {
  readonly folder: string;
  readonly warnings: readonly string[];
  readonly metrics: readonly { metric: string; recorded: number; replayed: number }[];
}

describe('pack', () => {
  it('writes the same bytes twice, and what the run is made of', () => {
    const { sha256: first, manifest } = packed('a.zip');
    expect(packed('b.zip').sha256).toBe(first);
    expect(sha256(read('a.zip'))).toBe(first);
    expect(sha256(read('b.zip'))).toBe(first);
    // The newest, and the best of those that were evaluated.
    const best = (JSON.parse(read('project/runs/r/checkpoints/best.json').toString()) as Best).step;
    const steps = [...new Set([4, best])].map((step) => `checkpoints/step-0000000${step}`);
    expect(manifest.checkpoints).toEqual(steps);
    expect(Object.keys(manifest.files)).toEqual(
      expect.arrayContaining([
        ...[
          'config.yml',
          'manifest.json',
          'journal.jsonl',
          'report.html',
          'sources/wrong-cells.ts',
        ],
        ...[
          'checkpoints/step-00000004/state.safetensors',
          'evaluations/step-00000004/metrics.json',
        ],
      ]),
    );
    const plugin = sha256(read('project/wrong-cells.ts'));
    expect(manifest.files['sources/wrong-cells.ts']!.sha256).toBe(plugin);
    // Neither config nor manifest name a place of this machine.
    const config = place.sh('unzip -p a.zip config.yml manifest.json archive.json').stdout;
    expect(config).not.toContain(place.folder);
  });

  it('packs no file that a link of the run leads to', () => {
    place.write('secret', 'of this machine');
    const report = at('project', 'runs', 'r', 'report.html');
    const linked = at('project', 'runs', 'r', 'evaluations', 'linked.json');
    renameSync(report, at('report.html'));
    for (const link of [report, linked]) symlinkSync(at('secret'), link);
    const { stderr, json } = packedWithWarnings('linked.zip');
    expect(stderr).toContain(`${report} was changed or damaged`);
    const { files } = json.manifest;
    for (const link of [report, linked]) rmSync(link);
    renameSync(at('report.html'), report);
    expect(Object.keys(files).filter((name) => /linked|report/.test(name))).toEqual([]);
    expect(read('linked.zip').includes('of this machine')).toBe(false);
  });

  it('refuses what is no run, and an archive that is there', () => {
    expect(place.eddy('pack', 'project').stderr).toContain('RUN_NOT_FOUND');
    const again = place.eddy('pack', 'project/runs/r', '-o', 'a.zip');
    expect(again.stderr).toContain('OUTPUT_EXISTS');
    expect(again.status).toBe(2);
  });
});

describe('replay', () => {
  it('runs no code of an archive without --trust-plugins', () => {
    const { status, stderr } = place.eddy('replay', 'a.zip', '-o', 'untrusted');
    expect(status).toBe(2);
    expect(stderr).toContain('ARCHIVE_CODE_UNTRUSTED');
    expect(stderr).toContain('code of the archive: sources/wrong-cells.ts');
    // The fix works; the data's file is found in the working folder.
    expect(stderr).toContain('pipeline replay untrusted --trust-plugins');
    const { status: then, stdout } = place.sh(
      'cd project; pipeline replay ../untrusted --trust-plugins',
    );
    expect(stdout).toMatch(/^evaluate +test +4 +wrong_cells +\S+ +\S+ +yes$/m);
    expect(stdout).toMatch(/^(\d+) of \1 metrics are the same$/m);
    expect(then).toBe(0);
  });

  it('needs the sources of the data where these are not packed', () => {
    renameSync(at('project'), at('away'));
    try {
      const { status, stderr } = place.sh(
        `EDDY_CACHE="$PWD/empty" pipeline replay a.zip -o sourceless --trust-plugins`,
      );
      expect(status).toBe(2);
      expect(stderr).toContain('DATA_FILE_MISSING');
      expect(stderr).toContain('good.csv');
    } finally {
      renameSync(at('away'), at('project'));
    }
  });

  it('gives the same bits without project, cache, sources of data and network', () => {
    packed('data.zip', '--data');
    renameSync(at('project'), at('away'));
    try {
      const { status, stdout, stderr } = place.sh(
        `mkdir -p far && cd far && export HOME="$PWD/home" EDDY_CACHE="$PWD/cache"
         pipeline replay ../data.zip -o here --trust-plugins --offline --json`,
      );
      expect({ status, stderr }).toEqual({ status: 0, stderr: expect.anything() as string });
      const { metrics, warnings } = JSON.parse(stdout) as ReplayJson;
      expect(warnings).toEqual([]);
      expect(metrics.length).toBeGreaterThan(8);
      for (const { recorded, replayed } of metrics) expect(replayed).toBe(recorded);
      // What is left is a run that works with the other commands.
      const predicted = place.eddy('predict', 'far/here', `${GRID.slice(0, 72)}${'.'.repeat(9)}`);
      expect(predicted.stderr).not.toContain('PIPELINE');
      expect(place.eddy('resume', 'far/here').stdout + predicted.stderr).not.toContain('internal');
    } finally {
      renameSync(at('away'), at('project'));
    }
  });

  it('notices weights of another value, though their own sums are right', () => {
    const unpack = place.eddy('replay', 'data.zip', '-o', 'other', '--only-unpack');
    expect(unpack.status).toBe(0);
    const file = at('other/evaluations/step-00000004/metrics.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/"lm_loss": [\d.]+/, '"lm_loss": 1.5'));
    // In a folder it is noticed by its sha256, in an archive that was packed anew by the number.
    expect(place.eddy('replay', 'other', '--trust-plugins').stderr).toContain('ARCHIVE_REFUSED');
    expect(place.eddy('pack', 'other', '-o', 'forged.zip').status).toBe(0);
    const { status, stdout, stderr } = place.sh(
      'cd project; pipeline replay ../forged.zip -o ../forged-replayed --trust-plugins',
    );
    expect(stdout).toMatch(/lm_loss +1\.5 +\S+ +NO$/m);
    expect(stderr).toContain('REPLAY_DIFFERS');
    expect(stderr).toContain('lm_loss');
    expect(status).toBe(1);
    expect(existsSync(at('forged-replayed/config.yml'))).toBe(true);
  });

  it('has nothing to compare of a run that was never evaluated', () => {
    const run = place.eddy(
      ...['run', 'project/csv.yml', '~evaluate', '--run-dir', 'bare', 'plugins=[]', 'name=bare'],
    );
    expect(run.status).toBe(0);
    expect(place.eddy('pack', 'bare').status).toBe(0);
    const { status, stderr } = place.eddy('replay', 'bare.zip');
    expect(stderr).toContain('REPLAY_NOTHING_RECORDED');
    expect(status).toBe(1);
  });

  it.each([0.1, 0.35, 0.6, 0.9])('refuses an archive with another byte at %d of it', (share) => {
    const bytes = Buffer.from(read('a.zip'));
    const place_ = Math.floor(share * bytes.length);
    bytes[place_] = bytes[place_]! ^ 1;
    writeFileSync(at('bad.zip'), bytes);
    const { status, stderr } = place.eddy('replay', 'bad.zip', '--trust-plugins');
    expect(stderr).toContain('ARCHIVE_REFUSED');
    expect(status).toBe(1);
    expect(existsSync(at('bad-replayed'))).toBe(false);
    rmSync(at('bad.zip'));
  });
});

describe('docs/guides/share-a-run.md', () => {
  it('works as written', () => {
    const guide = (name: string) =>
      readFileSync(resolve(import.meta.dirname, '../../docs/guides', name), 'utf8');
    place.write('small.yml', /```yaml\n([^]*?)```/.exec(guide('runs.md'))![1]!);
    expect(place.eddy('run', 'small.yml', '--run-dir', 'first').status).toBe(0);
    const blocks = [...guide('share-a-run.md').matchAll(/```sh\n([^]*?)```/g)];
    expect(blocks.length).toBeGreaterThan(2);
    for (const [, script] of blocks) {
      const { status, stderr } = place.sh(script!);
      expect({ script, status, stderr }).toMatchObject({ status: 0 });
    }
  });
});

/** Checks what publishing needs: licences, metadata of each package, and workflows that call what exists. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const repository = resolve(import.meta.dirname, '../..');
const text = (...path: string[]) => readFileSync(join(repository, ...path), 'utf8');

interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly keywords: readonly string[];
  readonly engines: { readonly node: string };
  readonly repository: { readonly url: string; readonly directory?: string };
  readonly publishConfig: unknown;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}
const packageJson = (...path: string[]) => JSON.parse(text(...path, 'package.json')) as PackageJson;
const root = packageJson();

describe.each(readdirSync(join(repository, 'packages')))('package %s', (folder) => {
  const own = packageJson('packages', folder);

  it('has the licence of the whole and its text', () => {
    expect(own.license).toBe(root.license);
    expect(text('packages', folder, 'LICENSE')).toBe(text('LICENSE'));
  });

  it('says where it is developed and what it is about', () => {
    expect(own.repository).toEqual({ ...root.repository, directory: `packages/${folder}` });
    expect(own.keywords.length).toBeGreaterThanOrEqual(4);
    expect(own.engines).toEqual(root.engines);
  });

  it('is public, with provenance, at the one version of all', () => {
    expect(own.publishConfig).toEqual({ access: 'public', provenance: true });
    expect(own.version).toBe(root.version);
    const ours = Object.entries(own.dependencies ?? {}).filter(([name]) =>
      name.startsWith('@eddy/'),
    );
    expect(ours.filter(([, version]) => version !== root.version)).toEqual([]);
  });
});

describe('changesets', () => {
  it('raise all packages together', () => {
    const { fixed } = JSON.parse(text('.changeset/config.json')) as { fixed: string[][] };
    expect(fixed).toEqual([['@eddy/*']]);
  });
});

interface Workflow {
  readonly jobs: Record<
    string,
    {
      readonly strategy?: { readonly matrix: { readonly node?: readonly string[] } };
      readonly steps: readonly { readonly run?: string; readonly with?: { publish?: string } }[];
    }
  >;
}

describe('workflows', () => {
  const files = readdirSync(join(repository, '.github/workflows'));
  const workflows = files.map((file) => parse(text('.github/workflows', file)) as Workflow);
  const steps = workflows.flatMap(({ jobs }) => Object.values(jobs).flatMap((job) => job.steps));
  const commands = [
    ...steps.flatMap((step) => [step.run, step.with?.publish].filter((line) => line !== undefined)),
    ...[...text('Dockerfile').matchAll(/^RUN (.*)/gm)].map(([, line]) => line!),
    (JSON.parse(text('.devcontainer/devcontainer.json')) as { postCreateCommand: string })
      .postCreateCommand,
  ];

  it('call scripts that there are', () => {
    const called = commands.flatMap((line) => [...line.matchAll(/npm run ([\w:-]+)/g)]);
    expect(called.length).toBeGreaterThan(1);
    for (const [, script] of called) expect(root.scripts).toHaveProperty([script!]);
    for (const line of commands.filter((command) => command.startsWith('.ci/'))) {
      expect(existsSync(join(repository, line))).toBe(true);
    }
  });

  it('try the oldest Node that packages promise', () => {
    const versions = workflows.flatMap(({ jobs }) =>
      Object.values(jobs).flatMap(({ strategy }) => strategy?.matrix.node ?? []),
    );
    expect(`>=${versions[0]!}`).toBe(root.engines.node);
  });
});

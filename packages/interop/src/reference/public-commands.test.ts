/** Commands that people published: each is the pipeline of that experiment, or an error that says why not. */
import { EddyError } from '@eddy/tensor/errors';
import { expect, it } from 'vitest';
import { parse } from 'yaml';

import { PUBLIC_HRM_COMMANDS } from '../testing/public-hrm-commands.ts';
import { PUBLIC_SCRIPTS } from '../testing/public-scripts.ts';
import { PUBLIC_TRM_COMMANDS, type PublicCommand } from '../testing/public-trm-commands.ts';
import { fromReferenceCommands } from './translate.ts';

const COMMANDS: [string, PublicCommand][] = [
  ...PUBLIC_TRM_COMMANDS.map((command): [string, PublicCommand] => [
    `TRM ${command.from}`,
    command,
  ]),
  ...PUBLIC_HRM_COMMANDS.map((command): [string, PublicCommand] => [
    `HRM ${command.from}`,
    command,
  ]),
  ...PUBLIC_SCRIPTS.map((command): [string, PublicCommand] => [`script: ${command.from}`, command]),
];

it('are about a hundred', () => {
  expect(COMMANDS.length).toBeGreaterThan(95);
  expect(new Set(COMMANDS.map(([, { text, training }]) => `${text}${training}`)).size).toBe(
    COMMANDS.length,
  );
});

it.each(COMMANDS)('%s', (_from, { text, refused, training, name, dataset, versions, train }) => {
  if (refused !== undefined) {
    const [code, received] = refused;
    try {
      fromReferenceCommands(text, { training });
    } catch (error) {
      if (!(error instanceof EddyError)) throw error;
      expect(error.code).toBe(code);
      expect(String(error.facts.received)).toContain(received);
      return;
    }
    expect.unreachable('it was translated');
  }
  const { yaml } = fromReferenceCommands(text, { training });
  const pipeline = parse(yaml) as Record<string, unknown>;
  expect(pipeline['train']).toMatchObject(train ?? {});
  if (name !== undefined) expect(pipeline['name']).toBe(name);
  if (dataset !== undefined) expect(pipeline['build']).toMatchObject({ dataset });
  if (versions !== undefined) {
    expect(pipeline['augment']).toMatchObject({ augmentation: { numVersions: versions } });
  }
  // A text that has no EMA gets none.
  if (!/ema=(?:True|1|true)/.test(text)) expect(pipeline['train']).not.toHaveProperty('averager');
  expect(yaml).not.toMatch(/^[^#\n]*\$/m);
});

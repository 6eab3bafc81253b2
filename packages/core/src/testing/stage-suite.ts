/** What every stage plugin must do, for authors inside and outside this repository. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { isAbsolute } from 'node:path';

import { from, lastValueFrom, Observable, throwError, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';

import type { Artifact, Stage } from '../contracts/stage.ts';
import type { StageServices } from '../contracts/services.ts';
import { artifactsOf, exampleStageServices } from './example-stage.ts';
import { freshFolder } from './fresh-folder.ts';

export interface StageSuite {
  readonly name: string;
  /** Makes the stage under test; called anew for each test. */
  create(services: StageServices): Stage | Promise<Stage>;
  /** Makes artifacts for the stage to work on, at least one of each kind that it needs. */
  inputs(folder: string): Promise<readonly Artifact[]>;
  /** Services that the stage asks for and the example has not: parts, an engine. */
  readonly services?: Partial<StageServices>;
}

/**
 * Registers the suite with vitest.
 *
 * @example
 * stageSuite({
 *   name: 'mine',
 *   create: (services) => new Mine(services),
 *   inputs: async (folder) => [await exampleDataset(folder, { train: [1], test: [1] })],
 * });
 */
export function stageSuite(suite: StageSuite): void {
  describe(`stage ${suite.name}`, () => {
    const folder = freshFolder();
    const stageWith = (own: Partial<StageServices> = {}) =>
      suite.create(exampleStageServices(folder.path, { ...suite.services, ...own }));

    it('says what it needs and provides', async () => {
      const { needs, provides } = await stageWith();
      for (const kind of [...needs, ...provides]) expect(kind).toMatch(/^[a-z]+(-[a-z]+)*$/);
      const given = (await suite.inputs(folder.path)).map(({ kind }) => kind);
      expect([...new Set(given)].sort()).toEqual([...needs].sort());
    });

    it('does nothing before somebody subscribes', async () => {
      const stage = await stageWith();
      const before = await readdir(folder.path, { recursive: true });
      let subscriptions = 0;
      stage.run(new Observable(() => void (subscriptions += 1)));
      await new Promise((resolve) => setTimeout(resolve, 10));
      expect(subscriptions).toBe(0);
      expect(await readdir(folder.path, { recursive: true })).toEqual(before);
    });

    it('makes artifacts of the kinds that it provides, and ends with its inputs', async () => {
      const stage = await stageWith();
      for (const artifact of await artifactsOf(stage, await suite.inputs(folder.path))) {
        expect(stage.provides).toContain(artifact.kind);
        expect(artifact.key).not.toBe('');
        expect(isAbsolute(artifact.path)).toBe(true);
        expect(existsSync(artifact.path)).toBe(true);
      }
    });

    it('gives equal inputs the same key, and others another', async () => {
      const inputs = await suite.inputs(folder.path);
      const others = inputs.map((input) => ({ ...input, key: `another ${input.key}` }));
      const keysOf = async (given: readonly Artifact[]) =>
        (await artifactsOf(await stageWith(), given)).map(({ key }) => key);
      const keys = await keysOf(inputs);
      expect(await keysOf(inputs)).toEqual(keys);
      const changed = await keysOf(others);
      expect(changed.filter((key) => keys.includes(key))).toEqual([]);
    });

    it('fails with what its inputs fail with', async () => {
      const stage = await stageWith();
      if (stage.needs.length === 0) return;
      const failing$ = stage.run(throwError(() => new Error('failure of the stage before')));
      await expect(lastValueFrom(failing$, { defaultValue: undefined })).rejects.toThrow(
        'failure of the stage before',
      );
    });

    it('ends when the run was asked to stop', async () => {
      const signal = AbortSignal.abort(new Error('stopped by the test'));
      const stage = await stageWith({ stop: { requested: true, signal } });
      const inputs = await suite.inputs(folder.path);
      // With an error or without artifacts: the pipeline takes either for a stop.
      const made = await lastValueFrom(stage.run(from(inputs)).pipe(toArray())).catch(() => []);
      expect(made).toEqual([]);
    });
  });
}

/**
 * Every file of a run damaged in turn. What a command then gives is what it gives of the whole run (the damage is
 * harmless to it), or an error or a warning names what is damaged.
 */
import { randomStream } from '@eddy/core';
import { describe, expect, it } from 'vitest';

import { count, isLong } from '../counts.ts';
import { DAMAGES, damagedRuns, faultOf, type Outcome } from './damaged-runs.ts';

const runs = damagedRuns();

describe('a damaged file of a run', () => {
  const commands = Object.entries<() => Promise<Outcome>>({ ...runs.reading, ...runs.engine });
  it.each(commands)('is named or harmless: %s', async (name, command) => {
    const random = randomStream(2026).stream('faults', name);
    runs.restore();
    const whole = await command();
    expect(whole.code, whole.text).toBe(0);
    runs.restore();
    expect(faultOf('', await command(), whole)).toBe(undefined);
    const wrong: string[] = [];
    let tried = 0;
    for (const [file, damage] of triedOn(name)) {
      runs.restore();
      runs.damage(file, DAMAGES[damage]!, random);
      const outcome = await command();
      tried += 1;
      const found = faultOf(file, outcome, whole);
      if (found === undefined) continue;
      wrong.push(`${found}: ${file}, ${damage}: ${outcome.code} ${outcome.text.slice(0, 300)}`);
    }
    console.log(`${name}: ${tried} tried, ${wrong.length} neither named nor harmless`);
    expect(wrong).toEqual([]);
  });
});

/** In the long form every damage of every file; every day a part, in which each file, damage and command has its turn. */
function triedOn(command: string): (readonly [file: string, damage: string])[] {
  const names = Object.keys(DAMAGES);
  const place = Object.keys({ ...runs.reading, ...runs.engine }).indexOf(command);
  const files = runs.files();
  if (!isLong) {
    const apart = command in runs.engine ? 12 : 4;
    return files.flatMap((file, i) =>
      i % apart === place % apart ? [[file, names[(i + place) % names.length]!] as const] : [],
    );
  }
  const times = (damage: string) =>
    ['one bit flipped', 'cut short'].includes(damage)
      ? count(1, command in runs.engine ? 2 : 5)
      : 1;
  return files.flatMap((file) =>
    names.flatMap((damage) => Array.from({ length: times(damage) }, () => [file, damage] as const)),
  );
}

/** A folder for each test, in which commands run in this process. */
import { afterEach, beforeAll, beforeEach, vi } from 'vitest';

import { Place } from '../fixes/place.ts';

export interface Here {
  place: Place;
}

export function here(): Here {
  const held = {} as Here;
  // A run ends its process some seconds later, whatever still holds it open; this process has more to do.
  beforeAll(() => void vi.spyOn(process, 'exit').mockImplementation(() => undefined as never));
  beforeEach(async () => void (held.place = await Place.make()));
  afterEach(() => held.place.remove());
  return held;
}

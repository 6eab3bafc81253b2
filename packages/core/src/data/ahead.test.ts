import { expect, it } from 'vitest';

import { ahead } from './ahead.ts';

const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

it('takes elements while the consumer waits, at most the depth', async () => {
  const taken: number[] = [];
  let returned = false;
  function* source() {
    try {
      for (let i = 0; i < 10; i++) {
        taken.push(i);
        yield i;
      }
    } finally {
      returned = true;
    }
  }
  const seen: number[] = [];
  for await (const element of ahead(source(), 2)) {
    seen.push(element);
    await turn();
    expect(taken.length).toBe(element + 3);
    if (element === 4) break;
  }
  expect(seen).toEqual([0, 1, 2, 3, 4]);
  expect(returned).toBe(true);
});

it('hands on the end and errors in their place', async () => {
  function* failing() {
    yield 1;
    throw new Error('planted');
  }
  const seen: number[] = [];
  await expect(async () => {
    for await (const element of ahead(failing())) {
      seen.push(element);
      await turn();
    }
  }).rejects.toThrow('planted');
  expect(seen).toEqual([1]);
});

import { expect, it } from 'vitest';

import { StepsInFlight } from './steps-in-flight.ts';

it('finishes steps in their order when answers overtake one another', async () => {
  const steps = new StepsInFlight();
  const finished: number[] = [];
  const finish = (step: number) => Promise.resolve(void finished.push(step));
  let answerFirst!: (step: number) => void;
  const first = new Promise<number>((resolve) => (answerFirst = resolve));
  await steps.add(first, finish);
  const second = steps.add(Promise.resolve(2), finish);
  await Promise.resolve();
  expect(finished).toEqual([]);
  answerFirst(1);
  await second;
  await steps.drain();
  expect(finished).toEqual([1, 2]);
});

it('waits for the first of two', async () => {
  const steps = new StepsInFlight();
  const finish = () => Promise.resolve();
  let answerFirst!: (step: number) => void;
  const first = new Promise<number>((resolve) => (answerFirst = resolve));
  await steps.add(first, finish);
  let sent = false;
  const second = steps.add(Promise.resolve(2), finish).then(() => (sent = true));
  await new Promise(setImmediate);
  expect(sent).toBe(false);
  answerFirst(1);
  await second;
});

it('fails with what a step failed with, once it is waited for', async () => {
  const steps = new StepsInFlight();
  const finish = () => Promise.reject(new Error('not finite'));
  await steps.add(Promise.resolve(1), finish);
  await new Promise(setImmediate);
  await expect(steps.drain()).rejects.toThrow('not finite');
});

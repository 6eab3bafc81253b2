import { availableParallelism, cpus, totalmem } from 'node:os';

import { formatBytes } from '../config/byte-size.ts';

/** The machine in words: `AMD EPYC 7B13, 2 cores, 24 GiB, linux x64`. It has no name of a host in it. */
export function describeMachine(): string {
  const cores = availableParallelism();
  const facts = [
    cpus()[0]?.model.replace(/\s+/g, ' ').trim(),
    cores === 1 ? '1 core' : `${cores} cores`,
    formatBytes(totalmem()),
    `${process.platform} ${process.arch}`,
  ];
  return facts.filter((fact) => fact !== undefined && fact !== '').join(', ');
}

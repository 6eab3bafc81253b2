import { describe, expect, it } from 'vitest';

import { coordinatorAddress } from './coordinator-address.ts';
import { hostWaitMs, launchedGroup } from './launcher.ts';

it.each([
  ['nothing', {}, null],
  ['one Slurm task', { SLURM_PROCID: '0', SLURM_STEP_NUM_TASKS: '1' }, null],
  ['the batch script of a job of four tasks', { SLURM_PROCID: '0', SLURM_NTASKS: '4' }, null],
  [
    'Slurm on numbered hosts',
    {
      SLURM_PROCID: '3',
      SLURM_STEP_NUM_TASKS: '4',
      SLURM_JOB_ID: '8195',
      SLURM_STEP_NODELIST: 'gpu[03-05,9]',
    },
    { rank: 3, size: 4, coordinator: 'gpu03:61443' },
  ],
  [
    'Slurm on hosts by name',
    {
      SLURM_PROCID: '0',
      SLURM_STEP_NUM_TASKS: '2',
      SLURM_JOB_ID: '1',
      SLURM_JOB_NODELIST: 'ada,grace',
    },
    { rank: 0, size: 2, coordinator: 'ada:61441' },
  ],
  [
    'Open MPI',
    { OMPI_COMM_WORLD_RANK: '1', OMPI_COMM_WORLD_SIZE: '2', EDDY_COORDINATOR: '10.0.0.1:7000' },
    { rank: 1, size: 2, coordinator: '10.0.0.1:7000' },
  ],
  [
    'our own variables before those of a batch system around them',
    {
      EDDY_HOST_RANK: '0',
      EDDY_HOST_COUNT: '2',
      EDDY_COORDINATOR: 'localhost:7000',
      SLURM_PROCID: '5',
      SLURM_STEP_NUM_TASKS: '9',
    },
    { rank: 0, size: 2, coordinator: 'localhost:7000' },
  ],
])('%s', (_, environment, group) => {
  expect(launchedGroup(environment)).toEqual(group);
});

it('EDDY_HOST_COUNT=1 is alone under any launcher', () => {
  const slurm = { SLURM_PROCID: '3', SLURM_STEP_NUM_TASKS: '4', SLURM_JOB_ID: '1' };
  expect(launchedGroup({ ...slurm, EDDY_HOST_COUNT: '1' })).toBeNull();
});

it('refuses an address without a port', () => {
  const environment = { PMI_RANK: '1', PMI_SIZE: '2', EDDY_COORDINATOR: 'node1' };
  expect(() => launchedGroup(environment)).toThrow('received  node1');
});

it.each(['node1:70000', ':7000', '[::1:7000', '[]:7000'])('refuses the address %s', (address) => {
  const environment = { PMI_RANK: '1', PMI_SIZE: '2', EDDY_COORDINATOR: address };
  expect(() => launchedGroup(environment)).toThrow('COORDINATOR_UNKNOWN');
});

it.each([
  ['two', '2'],
  ['2', '2'],
  ['-1', '2'],
  ['0.5', '2'],
  ['0', 'many'],
])('refuses to be process %s of %s', (rank, size) => {
  const environment = { EDDY_HOST_RANK: rank, EDDY_HOST_COUNT: size, EDDY_COORDINATOR: 'a:1' };
  expect(() => launchedGroup(environment)).toThrow(
    `EDDY_HOST_RANK=${rank}, EDDY_HOST_COUNT=${size}`,
  );
});

it.each([
  ['[::1]:7000', { host: '::1', port: 7000 }],
  ['::1:7000', { host: '::1', port: 7000 }],
  ['node1.cluster:61443', { host: 'node1.cluster', port: 61_443 }],
])('understands %s', (text, address) => {
  expect(coordinatorAddress(text)).toEqual(address);
});

it('asks for the address of rank 0 where the launcher does not tell', () => {
  expect(() => launchedGroup({ PMI_RANK: '1', PMI_SIZE: '2' })).toThrow('EDDY_COORDINATOR');
});

describe('EDDY_HOST_WAIT', () => {
  it.each([
    [undefined, 300_000],
    ['0.5', 500],
    ['1e9', 2 ** 31 - 1], // as long as a timer can be set
  ])('of %s is %i ms', (given, ms) => {
    expect(hostWaitMs({ EDDY_HOST_WAIT: given })).toBe(ms);
  });

  it.each(['', '0', '-1', 'soon', 'Infinity'])('of "%s" is refused', (given) => {
    expect(() => hostWaitMs({ EDDY_HOST_WAIT: given })).toThrow('HOST_WAIT_INVALID');
  });
});

import type { PinnedPackage } from './sources.ts';

const library = (
  name: string,
  version: string,
  sizeBytes: number,
  sha256: string,
): PinnedPackage => ({
  from: 'pip',
  name: `nvidia-${name}-cu12`,
  version,
  purpose: 'a library of CUDA 12, by NVIDIA',
  sizeBytes,
  sha256,
  keep: /^nvidia\/[a-z_]+\/lib\//,
});

/**
 * What the extra `and-cuda` of tensorflow 2.21.0 asks for, but for `nvidia-cuda-nvcc-cu12`, which only
 * TensorFlow's own compiler needs. Its libraries are found in `nvidia/` beside `tensorflow/`.
 */
export const CUDA_LIBRARIES: readonly PinnedPackage[] = [
  library(
    'cublas',
    '12.9.3.13',
    581_217_458,
    'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72',
  ),
  library(
    'cuda-cupti',
    '12.8.90',
    10_248_621,
    'ea0cb07ebda26bb9b29ba82cda34849e73c166c18162d3913575b0c9db9a6182',
  ),
  library(
    'cuda-nvrtc',
    '12.9.86',
    89_568_129,
    '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4',
  ),
  library(
    'cuda-runtime',
    '12.9.79',
    3_493_179,
    '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3',
  ),
  library(
    'cudnn',
    '9.28.0.42',
    716_538_495,
    '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375',
  ),
  library(
    'cufft',
    '11.4.1.4',
    200_877_592,
    'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28',
  ),
  library(
    'curand',
    '10.3.10.19',
    68_295_626,
    '49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e',
  ),
  library(
    'cusolver',
    '11.7.5.82',
    338_117_415,
    '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88',
  ),
  library(
    'cusparse',
    '12.5.10.65',
    366_465_088,
    '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78',
  ),
  library(
    'nccl',
    '2.32.3',
    351_526_311,
    'bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c',
  ),
  library(
    'nvjitlink',
    '12.9.86',
    39_748_338,
    'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9',
  ),
];

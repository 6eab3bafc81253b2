import type { PinnedPackage } from './engine-source.ts';

/** A package, its version, bytes and sha256. */
type Pin = readonly [name: string, version: string, sizeBytes: number, sha256: string];

const pinned =
  (cuda: 12 | 13, keep: RegExp) =>
  ([name, version, sizeBytes, sha256]: Pin): PinnedPackage => ({
    from: 'pip',
    name,
    version,
    purpose: `of CUDA ${cuda}, by NVIDIA`,
    sizeBytes,
    sha256,
    keep,
  });

const LIBRARIES = /^nvidia\/[a-z0-9_]+\/lib\//;
/** What turns XLA's code into the GPU's: the assembler and the library of mathematical functions. */
const COMPILER = /^nvidia\/[a-z0-9_]+\/(bin\/ptxas|nvvm\/libdevice\/.*)$/;

/**
 * What the extra `and-cuda` of tensorflow 2.21.0 asks for, but for `nvidia-cuda-nvcc-cu12`, which only
 * a compiler needs. Found in `nvidia/` beside `tensorflow/` or `jax_plugins/`.
 */
export const CUDA_12_LIBRARIES: readonly PinnedPackage[] = (
  [
    [
      'nvidia-cublas-cu12',
      '12.9.3.13',
      581_217_458,
      'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72',
    ],
    [
      'nvidia-cuda-cupti-cu12',
      '12.8.90',
      10_248_621,
      'ea0cb07ebda26bb9b29ba82cda34849e73c166c18162d3913575b0c9db9a6182',
    ],
    [
      'nvidia-cuda-nvrtc-cu12',
      '12.9.86',
      89_568_129,
      '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4',
    ],
    [
      'nvidia-cuda-runtime-cu12',
      '12.9.79',
      3_493_179,
      '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3',
    ],
    [
      'nvidia-cudnn-cu12',
      '9.28.0.42',
      716_538_495,
      '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375',
    ],
    [
      'nvidia-cufft-cu12',
      '11.4.1.4',
      200_877_592,
      'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28',
    ],
    [
      'nvidia-curand-cu12',
      '10.3.10.19',
      68_295_626,
      '49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e',
    ],
    [
      'nvidia-cusolver-cu12',
      '11.7.5.82',
      338_117_415,
      '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88',
    ],
    [
      'nvidia-cusparse-cu12',
      '12.5.10.65',
      366_465_088,
      '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78',
    ],
    [
      'nvidia-nccl-cu12',
      '2.32.3',
      351_526_311,
      'bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c',
    ],
    [
      'nvidia-nvjitlink-cu12',
      '12.9.86',
      39_748_338,
      'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9',
    ],
  ] as const
).map(pinned(12, LIBRARIES));

export const CUDA_12_COMPILER = pinned(
  12,
  COMPILER,
)([
  'nvidia-cuda-nvcc-cu12',
  '12.9.86',
  40_546_229,
  '5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0',
]);

/** What `jax-cuda13-pjrt` loads, in the newest release of each that its extra `with-cuda` allows. */
export const CUDA_13_LIBRARIES: readonly PinnedPackage[] = (
  [
    [
      'nvidia-cublas',
      '13.10.0.20',
      444_289_903,
      'dcc6d63884c53d07e267ce7e6feac17b2538cebaafec5db865736c3e28e4dc84',
    ],
    [
      'nvidia-cuda-cupti',
      '13.5.25',
      12_592_974,
      '9dcca41c12a734192b14e7128ae116bc9ce1b9da686e2ebf48ae7a4415f76650',
    ],
    [
      'nvidia-cuda-runtime',
      '13.5.37',
      2_504_024,
      'df2b79a8852f10d1fef8c848489c49eebb5754051bf870202a862831412b179d',
    ],
    [
      'nvidia-cudnn-cu13',
      '9.28.1.4',
      516_817_937,
      'a54f205b1db1f2895d99f398754db1369816f0569dd459731f925635cf7b65ec',
    ],
    [
      'nvidia-cufft',
      '12.5.0.14',
      165_072_555,
      'b8be26837a5abad2b5b74f3e92dd29f622a42934b355be0961a48712cbba23ad',
    ],
    [
      'nvidia-cusolver',
      '12.4.1.2',
      260_003_940,
      'b3b8e02fd2f2df869369af075dc3a179d43f6f7b85e94632a7dce556697be044',
    ],
    [
      'nvidia-cusparse',
      '12.9.4.2',
      230_422_857,
      '072667e58c851a318738f5527a12eb225cbf058803f2ea451c722d8cf8edddec',
    ],
    [
      'nvidia-nccl-cu13',
      '2.32.3',
      305_100_071,
      '1459723080ac889d73a26edfa3e04383a7928ab31ac8f0ec43b3ea9548b04ff3',
    ],
    [
      'nvidia-nvjitlink',
      '13.5.37',
      46_642_491,
      '280d7cb9649704145f074b8dbde500de04ce02d0872e066e20a83c17bcaa93eb',
    ],
    [
      'nvidia-cuda-nvrtc',
      '13.5.37',
      58_185_930,
      '86b4d68058807988b7d9af5b44917a0601e9c337f35ccd657bfb3c759ff8d8bc',
    ],
  ] as const
).map(pinned(13, LIBRARIES));

export const CUDA_13_COMPILER: readonly PinnedPackage[] = (
  [
    [
      'nvidia-cuda-nvcc',
      '13.5.37',
      47_028_279,
      'f5c4f7ead5d964fb4af42bbf1e6d3ec3c1e6e9d83b53749f691d387e7fcaa3a7',
    ],
    [
      'nvidia-nvvm',
      '13.5.37',
      75_141_406,
      'c41bfa362e407405163f103c2229f0765f8cc2ed7d148b754dc77f228bf7e070',
    ],
  ] as const
).map(pinned(13, COMPILER));

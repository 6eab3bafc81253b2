import { tidy } from '@tensorflow/tfjs-core';

/** `tf.tidy` that hands back what is no tensor: it would search a returned graph for tensors. */
export function inTidy<T>(f: () => T): T {
  let result: { readonly value: T } | undefined;
  tidy(() => {
    result = { value: f() };
  });
  return result!.value;
}

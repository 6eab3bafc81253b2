import { definePlugin } from '@eddy/core';
import { z } from 'zod';

import { createTensorflowEngine } from './lazy/tensorflow-engine.ts';
import { refuseHosts } from './hosts/index.ts';
import { engineUnavailable, findTensorflow } from '@eddy/installer';
import { xlaOptions } from './pjrt/xla-options.ts';

export default definePlugin({
  kind: 'engine',
  name: 'tensorflow',
  apiVersion: 1,
  summary: "TensorFlow through TF.js's own binding, op by op",
  config: z.strictObject({ hangTimeoutSeconds: xlaOptions.hangTimeoutSeconds }),
  needs: ['cacheFolder'],
  create: async ({ hangTimeoutSeconds }, { cacheFolder }) => {
    await refuseHosts('engine tensorflow'); // before anyone installs it for that
    const binding = await findTensorflow(cacheFolder);
    if (binding === null) {
      throw engineUnavailable({
        engine: 'tensorflow',
        expected: 'the binding of @tensorflow/tfjs-node-gpu or tfjs-node, or one built by Eddy',
        received: 'none',
        fix: 'install it: `pipeline engines install tensorflow` (NVIDIA GPUs: tensorflow-gpu)',
      });
    }
    return createTensorflowEngine({ ...binding, hangTimeoutMs: hangTimeoutSeconds * 1000 });
  },
});

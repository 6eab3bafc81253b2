import '@tensorflow/tfjs-backend-cpu';
import { engineSuite } from '@eddy/core/testing';

import { TEST_ENGINES } from './testing/test-engines.ts';

for (const [name, create] of Object.entries(TEST_ENGINES)) engineSuite(name, () => create());

import { WASM_GAPS } from '@eddy/compiler/testing';

import { opSuite } from './op-suite.ts';
import { TEST_ENGINES } from './test-engines.ts';

opSuite('xla-cpu', () => TEST_ENGINES['xla-cpu']!());
opSuite('wasm', () => TEST_ENGINES['wasm']!(), WASM_GAPS);

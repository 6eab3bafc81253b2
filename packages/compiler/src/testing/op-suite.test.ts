import { CPU_GAPS } from './known-gaps.ts';
import { targetSuite } from './target-suite.ts';
import { interpreterTarget, tfjsTarget } from './targets.ts';

targetSuite('cpu', () => tfjsTarget('cpu'), CPU_GAPS);
targetSuite('interpreter', () => interpreterTarget('float32'));

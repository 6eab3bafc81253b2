/** Entry of the process of a compiling engine: forked by `EngineProcess`, never imported. */
import { serve } from '../../process/serve.ts';
import { libraryFailure } from './library-failure.ts';
import { PjrtHost } from './pjrt-host.ts';

serve(new PjrtHost(), libraryFailure);

/** Entry of the process that compiles for a device that is not here: forked by `EngineProcess`, never imported. */
import { serve } from '../../process/serve.ts';
import { CompilerHost } from './compiler-host.ts';
import { libraryFailure } from './library-failure.ts';

serve(new CompilerHost(), libraryFailure);

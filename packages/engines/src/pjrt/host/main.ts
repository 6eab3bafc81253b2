/** Entry of the process of a compiling engine: forked by `EngineProcess`, never imported. */
import { serve } from '../../process/serve.ts';
import { PjrtError } from '../binding/pjrt-error.ts';
import { PjrtHost } from './pjrt-host.ts';

serve(new PjrtHost(), (error) =>
  error instanceof PjrtError
    ? { kind: 'library', code: error.code, call: error.call, message: error.message }
    : undefined,
);

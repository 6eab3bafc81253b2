/** Entry of the process of engine `tensorflow`: forked by `EngineProcess`, never imported. */
import { serve } from '../../process/serve.ts';
import { TensorflowError } from './tensorflow-error.ts';
import { TensorflowHost } from './tensorflow-host.ts';

serve(new TensorflowHost(), (error) =>
  error instanceof TensorflowError
    ? { kind: 'library', code: error.code, call: error.op, message: error.message }
    : undefined,
);

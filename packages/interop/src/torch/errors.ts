/** Errors of PyTorch files. */
import { EddyError } from '@eddy/tensor/errors';

/** Everything a PyTorch file can be refused for: the first thing that is not a plain state dict. */
export function torchFileRefused(facts: {
  readonly file: string;
  /** Record of the archive and byte in it, or a byte of the file. */
  readonly place: string;
  readonly message: string;
  readonly expected: string;
  readonly received: string;
  readonly fix?: string;
  readonly cause?: unknown;
}): EddyError {
  return new EddyError({
    code: 'TORCH_FILE_REFUSED',
    message: facts.message,
    at: `${facts.file}, ${facts.place}`,
    expected: facts.expected,
    received: facts.received,
    fix:
      facts.fix ??
      'nothing in the file was run; save it again with torch.save(model.state_dict(), …), or do not trust it',
    cause: facts.cause,
  });
}

export function torchFileTooLarge(path: string, bytes: number, limit: number): EddyError {
  return new EddyError({
    code: 'TORCH_FILE_TOO_LARGE',
    message: 'the weights do not fit into one PyTorch file',
    at: path,
    expected: `at most ${limit} bytes`,
    received: `${bytes} bytes`,
    fix: 'export another format: `--format safetensors`',
  });
}

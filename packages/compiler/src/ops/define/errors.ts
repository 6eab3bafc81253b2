import { InternalError } from '@eddy/tensor/errors';

/**
 * A node that breaks a rule of its op. While user code is traced, the rule is the user's to keep and
 * the tracer says so; anywhere else it is our defect.
 */
export class InvalidNodeError extends InternalError {
  readonly rule: string;

  constructor(rule: string, at?: string) {
    super(at === undefined ? rule : `${at}: ${rule}`);
    this.name = 'InvalidNodeError';
    this.rule = rule;
  }
}

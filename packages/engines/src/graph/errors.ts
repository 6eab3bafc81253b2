/** A node that breaks a rule of its op; `builder` and `verify` add which node it was. */
export class InvalidNodeError extends Error {
  constructor(rule: string) {
    super(rule);
    this.name = 'InvalidNodeError';
  }
}

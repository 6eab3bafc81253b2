import type { SpecTree, TensorSpec } from '@eddy/tensor';

import { stateMissing } from './errors.ts';

/** What a device tree holds, by name, as everything that was asked of it will leave it. */
export class NamedSpecs extends Map<string, TensorSpec> {
  tree(): SpecTree {
    return Object.fromEntries(this);
  }

  /**
   * @param program  that needs it, for the error
   * @throws STATE_MISSING
   */
  need(name: string, program = 'the device tree'): TensorSpec {
    const spec = this.get(name);
    if (spec !== undefined) return spec;
    throw stateMissing({ program, name, have: [...this.keys()] });
  }
}

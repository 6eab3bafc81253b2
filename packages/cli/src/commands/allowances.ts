/** The differences from the origin of a checkpoint that are allowed, because the user says so. */
export interface Allowances {
  readonly allowOtherModel?: boolean;
  readonly allowOtherData?: boolean;
  readonly allowOtherPlugins?: boolean;
  readonly allowOtherOptions?: boolean;
}

/** Picks them from the options of a command. */
export function allowancesOf(options: Allowances): Required<Allowances> {
  return {
    allowOtherModel: options.allowOtherModel === true,
    allowOtherData: options.allowOtherData === true,
    allowOtherPlugins: options.allowOtherPlugins === true,
    allowOtherOptions: options.allowOtherOptions === true,
  };
}

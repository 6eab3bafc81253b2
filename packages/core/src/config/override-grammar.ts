/**
 * One command-line override in Hydra's grammar: `a.b=4`, `+x.y=z`, `++x.y=z`, `~x.y`, `group=option`.
 *
 * @source hydra-core 1.3.8, OverrideLexer.g4 and OverrideParser.g4. Differs: sweeps are
 * `parseSweep`'s (sweep-grammar.ts); inf, nan and an empty key are refused; spaces after a closing bracket or quote are allowed.
 */
import { REFUSED_KEYS } from './config-node.ts';
import { OverrideSyntaxError, ValueParser, type OverrideValue } from './override-value.ts';

export interface Override {
  /** `a=…` sets, `+a=…` adds what is not there, `++a=…` sets or adds, `~a` deletes. */
  readonly action: 'set' | 'add' | 'force' | 'delete';
  /** `train.model.lCycles`, or a config group: `train/model`. */
  readonly key: string;
  /** After `@`: where a group goes. */
  readonly package?: string;
  /** Undefined for `~key` without a value. */
  readonly value?: OverrideValue;
}

const SEGMENT = String.raw`(?:[A-Za-z_$][A-Za-z0-9_$-]*|0|[1-9][0-9_]*)`;
const KEY = new RegExp(
  String.raw`^(?!\d[\d_]*(?:@|$))(?<key>[A-Za-z_][\w-]*(?:/[A-Za-z_][\w-]*)+|${SEGMENT}(?:\.${SEGMENT})*)` +
    String.raw`(?:@(?<package>${SEGMENT}(?:\.${SEGMENT})*))?$`,
);

/** @throws OverrideSyntaxError with the column (from 1) of what is wrong. */
export function parseOverride(text: string): Override {
  const { valueAt, ...override } = parseHead(text);
  return valueAt === undefined
    ? override
    : { ...override, value: new ValueParser(text, valueAt).parse() };
}

/** What stands before the value; `valueAt` is where that begins, if there is one. */
export function parseHead(text: string): Override & { readonly valueAt?: number } {
  const sigil = /^(\+\+|\+|~|)/.exec(text)![0];
  const action = ({ '': 'set', '+': 'add', '++': 'force', '~': 'delete' } as const)[sigil]!;
  const equal = text.indexOf('=');
  const keyText = text.slice(sigil.length, equal < 0 ? undefined : equal);
  const groups = KEY.exec(keyText)?.groups;
  if (groups === undefined) {
    throw new OverrideSyntaxError(
      `${JSON.stringify(keyText)} is not a key`,
      sigil.length + 1,
      'write key.path=value, for example train.model.lCycles=4',
    );
  }
  for (const segment of keyText.split(/[./@]/)) {
    if (REFUSED_KEYS.has(segment)) {
      throw new OverrideSyntaxError(
        `the key ${JSON.stringify(segment)} is not allowed`,
        sigil.length + 1,
        'rename the key',
      );
    }
  }
  const override = {
    action,
    key: groups['key']!,
    ...(groups['package'] === undefined ? {} : { package: groups['package'] }),
  };
  if (equal >= 0) return { ...override, valueAt: equal + 1 };
  if (action === 'delete') return override;
  throw new OverrideSyntaxError(
    'an override needs a value',
    text.length + 1,
    `write ${sigil}${keyText}=value, or ~${keyText} to remove the key`,
  );
}

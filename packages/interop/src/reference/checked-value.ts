/** Values as pydantic takes them: `ema=1` is true, `epochs="50000"` a number. */
import { valueInvalid } from './errors.ts';
import { printValue, type ReferenceValue } from './draft.ts';

const TRUE = ['true', 't', 'yes', 'y', 'on', '1'];
const FALSE = ['false', 'f', 'no', 'n', 'off', '0'];
const WHOLE = [
  'global_batch_size',
  'epochs',
  'eval_interval',
  'min_eval_interval',
  'lr_warmup_steps',
  'seed',
];

/** Nothing would be trained with 0 of them. */
const COUNTS = ['global_batch_size', 'epochs', 'eval_interval'];

/**
 * @param usual  what the key is by default: its type is the one that the key has.
 * @throws REFERENCE_VALUE_INVALID
 */
export function checkedValue(
  key: string,
  value: ReferenceValue,
  usual: ReferenceValue | undefined,
): ReferenceValue {
  if (typeof value === 'string' && value.includes('${')) return value;
  const isOptional = key === 'eval_interval' || (typeof usual !== 'boolean' && typeof usual !== 'number'); // prettier-ignore
  if (value === null && isOptional) return value;
  const text = printValue(value);
  if (typeof usual === 'boolean') {
    if (TRUE.includes(text.toLowerCase())) return true;
    if (FALSE.includes(text.toLowerCase())) return false;
    throw valueInvalid(key, 'True or False', text);
  }
  if (typeof usual === 'number') {
    const number = typeof value === 'object' || text.trim() === '' ? Number.NaN : Number(text);
    const isWhole = WHOLE.includes(key);
    const least = COUNTS.includes(key) ? 1 : 0;
    if (number >= least && Number.isFinite(number) && (!isWhole || Number.isInteger(number))) {
      return number;
    }
    throw valueInvalid(key, `${isWhole ? 'a whole number' : 'a number'} from ${least}`, text);
  }
  return value;
}

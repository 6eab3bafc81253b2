/** Turns the JSON Schema of one option into words for a page. */

export interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly $ref?: string;
  readonly items?: JsonSchema;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minItems?: number;
  readonly pattern?: string;
}

/** An option, or a key inside of one: `source.generator.size`. */
export interface OptionText {
  readonly name: string;
  readonly type: string;
  /** As it is written in a pipeline file; undefined without a default. */
  readonly default: string | undefined;
  readonly isRequired: boolean;
  /** The values that the option accepts, beyond its type: `1 to 64`; empty if the type says everything. */
  readonly range: string;
  readonly description: string;
}

/** Returns the options of a schema in their order, each followed by the keys inside of it. */
export function optionTexts(schema: JsonSchema, prefix = ''): OptionText[] {
  const { properties = {}, required = [] } = schema;
  return Object.entries(properties).flatMap(([key, option]) => {
    const name = `${prefix}${key}`;
    const own: OptionText = {
      name,
      type: typeText(option),
      default: option.default === undefined ? undefined : valueText(option.default),
      isRequired: option.default === undefined && required.includes(key),
      range: rangeText(option),
      description: option.description ?? '',
    };
    return [
      own,
      ...insides(option).flatMap(([inside, path]) => optionTexts(inside, `${name}${path}.`)),
    ];
  });
}

/** The maps inside of an option: itself, its alternatives, or the entries of a list (`[]`) or map (`.*`). */
function insides(option: JsonSchema): [JsonSchema, string][] {
  if (option.properties !== undefined) return [[option, '']];
  const entries = option.additionalProperties;
  return [
    ...(option.anyOf ?? []).flatMap(insides),
    ...(option.items === undefined
      ? []
      : insides(option.items).map(
          ([inside, path]) => [inside, `[]${path}`] as [JsonSchema, string],
        )),
    ...(typeof entries === 'object'
      ? insides(entries).map(([inside, path]) => [inside, `.*${path}`] as [JsonSchema, string])
      : []),
  ];
}

function typeText(schema: JsonSchema): string {
  const part = (schema.$ref ?? schema.allOf?.[0]?.$ref)?.split('/').at(-1);
  if (part !== undefined) return `${part} plugin`;
  if (schema.enum !== undefined) return schema.enum.map(valueText).join(' | ');
  if (schema.const !== undefined) return valueText(schema.const);
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(typeText))].join(' | ');
  if (schema.type === 'array')
    return `list of ${schema.items ? typeText(schema.items) : 'anything'}`;
  if (schema.type === 'object') return 'map';
  return schema.type === undefined ? 'anything' : [schema.type].flat().join(' | ');
}

/** The largest integer of JSON Schema stands for no limit. */
const UNLIMITED = Number.MAX_SAFE_INTEGER;

function rangeText(schema: JsonSchema): string {
  if (schema.anyOf !== undefined) {
    return [...new Set(schema.anyOf.map(rangeText).filter((range) => range !== ''))].join(', or ');
  }
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  if (schema.type === 'array' && schema.items !== undefined) {
    const each = rangeText(schema.items);
    const least = (schema.minItems ?? 0) > 0 ? `at least ${schema.minItems}` : '';
    return [least, each === '' ? '' : `each ${each}`].filter(Boolean).join(', ');
  }
  // An integer above 0 is at least 1.
  const isWhole = schema.type === 'integer';
  const least = isWhole && exclusiveMinimum !== undefined ? exclusiveMinimum + 1 : minimum;
  const above = isWhole ? undefined : exclusiveMinimum;
  const most = maximum === UNLIMITED ? undefined : maximum;
  const low = least !== undefined ? `${least}` : above !== undefined ? `above ${above}` : '';
  const high =
    most !== undefined
      ? `${most}`
      : exclusiveMaximum !== undefined
        ? `below ${exclusiveMaximum}`
        : '';
  if (low !== '' && high !== '')
    return most !== undefined ? `${low} to ${high}` : `${low}, ${high}`;
  if (high !== '') return most !== undefined ? `at most ${high}` : high;
  return least !== undefined ? `at least ${low}` : low;
}

/** Returns a value as it is written in a pipeline file. */
function valueText(value: unknown): string {
  return typeof value === 'string' && /^[a-z][\w./-]*$/i.test(value)
    ? value
    : JSON.stringify(value);
}

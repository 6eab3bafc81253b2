/** Our layouts against the C header that comes with the plugin. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { beforeAll, describe, expect, it } from 'vitest';

import { installedXlaCpu } from '../../testing/test-engines.ts';
import { FUNCTION_TABLE } from './function-table.ts';
import type { FieldKind, Fields, StructLayout } from './struct-layout.ts';
import { EXECUTE_OPTIONS, PROGRAM, STRUCTS } from './structs.ts';

let header: string;
beforeAll(async () => {
  const { pluginPath } = await installedXlaCpu();
  header = readFileSync(join(dirname(pluginPath), 'include/pjrt_c_api.h'), 'utf8').replace(
    /\/\/.*$/gm,
    '',
  );
});

/** Fields of a C struct in order, as the kinds that a layout is written in. */
function parseStruct(name: string): [string, FieldKind][] {
  const body = new RegExp(`struct ${name} \\{([^}]*)\\}`).exec(header)?.[1];
  if (body === undefined) throw new Error(`no struct ${name} in the header`);
  return body
    .split(';')
    .map((declaration) => declaration.trim())
    .filter((declaration) => declaration !== '')
    .map((declaration): [string, FieldKind] => {
      const callback = /\(\*(\w+)\)/.exec(declaration)?.[1];
      if (callback !== undefined) return [callback, 'pointer'];
      const [, type, field] = /^(.*?)(\w+)$/s.exec(declaration)!;
      return [field!, kindOf(type!.trim())];
    });
}

function kindOf(type: string): FieldKind {
  if (type.endsWith('*') || type.endsWith('* const') || /(Callback|Deleter)$/.test(type))
    return 'pointer';
  if (type === 'size_t') return 'size';
  if (type === 'int64_t') return 'int64';
  if (type === 'bool') return 'bool';
  if (type === 'float') return 'float32';
  if (type === 'int' || /^PJRT_\w+$/.test(type)) return 'int32';
  throw new Error(`unknown C type "${type}"`);
}

const layouts: StructLayout<Fields>[] = [...Object.values(STRUCTS), PROGRAM, EXECUTE_OPTIONS];

describe('struct layouts', () => {
  it.each(layouts.map((layout) => [layout.name, layout] as const))('%s', (name, layout) => {
    expect([
      ['struct_size', 'size'],
      ['extension_start', 'pointer'],
      ...Object.entries(layout.fields),
    ]).toEqual(parseStruct(name));
  });

  it('the function table is in the order of PJRT_Api', () => {
    const names = [...header.matchAll(/^\s+_PJRT_API_STRUCT_FIELD\((\w+)\);/gm)].map((m) => m[1]);
    expect(names.slice(0, FUNCTION_TABLE.length)).toEqual(FUNCTION_TABLE);
  });
});

import { describe, expect, it } from 'vitest';

import { renamedTemplate, templateKinds, templateOf } from './templates.ts';

const template = {
  name: 'latin-squares',
  source:
    "export class LatinSquares { code = 'LATIN_SQUARES_EMPTY'; name = 'latin-squares' }\nimport { type Stage } from 'x'; // Latin squares",
  test: "import { LatinSquares } from './latin-squares.ts'; new Map();",
  yaml: 'plugins: [./latin-squares.ts]\nuse: latin-squares-2\n',
};

describe('renamedTemplate', () => {
  it('renames plugin, class, codes and files, and leaves prose and longer names alone', () => {
    expect(renamedTemplate(template, 'my-3-thing')).toEqual({
      name: 'my-3-thing',
      source:
        "export class My3Thing { code = 'MY_3_THING_EMPTY'; name = 'my-3-thing' }\nimport { type Stage } from 'x'; // Latin squares",
      test: "import { My3Thing } from './my-3-thing.ts'; new Map();",
      yaml: 'plugins: [./my-3-thing.ts]\nuse: latin-squares-2\n',
    });
  });

  it.each([
    ['stage', 'MyStage'],
    ['map', 'MyMap'],
    ['promise', 'MyPromise'],
    ['puzzle', 'Puzzle'],
  ])('names the class of %s.ts %s, a name that is not taken', (name, className) => {
    expect(renamedTemplate(template, name).source).toContain(`class ${className} `);
  });
});

describe.each(templateKinds())('the template of kind %s', (kind) => {
  const { name, source, test, yaml } = templateOf(kind);

  it('leaves nothing of its own name behind', () => {
    const renamed = renamedTemplate(templateOf(kind), 'other');
    const all = renamed.source + renamed.test + renamed.yaml;
    expect(all).not.toContain(name);
    expect(all).toContain("name: 'other'");
  });

  it('is what its kind says, and shows how to use it', () => {
    expect(source).toContain(`kind: '${kind}'`);
    expect(test).toContain('pluginSuite({ plugin');
    expect(test).toMatch(/\w+Suite\((?:'|\{\s*name: ')/);
    expect(yaml).toContain(`plugins: [./${name}.ts]`);
  });
});

/** The plugin files of the guides, which `pipeline new` writes under another name. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../../templates/', import.meta.url));

export interface Template {
  /** Name of the plugin, and of its files. */
  readonly name: string;
  readonly source: string;
  /** Its test, with vitest and the conformance suite of its kind. */
  readonly test: string;
  /** Lines of a pipeline file that use it. */
  readonly yaml: string;
}

/** The kinds of plugin that have a template. */
export function templateKinds(): string[] {
  return readdirSync(FOLDER).sort();
}

export function templateOf(kind: string): Template {
  const folder = join(FOLDER, kind);
  const [yamlFile] = readdirSync(folder).filter((file) => file.endsWith('.yml'));
  const name = yamlFile!.slice(0, -'.yml'.length);
  const read = (ending: string) => readFileSync(join(folder, name + ending), 'utf8');
  return { name, source: read('.ts'), test: read('.test.ts'), yaml: read('.yml') };
}

/** The template under another name: its plugin, its class, its task, the files that it names. */
export function renamedTemplate(template: Template, name: string): Template {
  const className = freeClassName(pascalCase(name), template);
  const rename = (text: string) =>
    text
      .replace(wholeWord(template.name), name)
      .replace(wholeWord(pascalCase(template.name)), className)
      .replace(
        new RegExp(`(?<![A-Z_])${constantCase(template.name)}(?![A-Z])`, 'g'),
        constantCase(name),
      );
  return {
    name,
    source: rename(template.source),
    test: rename(template.test),
    yaml: rename(template.yaml),
  };
}

/** A class of the file's name, unless the template or JavaScript has something of that name. */
function freeClassName(wanted: string, { source, test }: Template): string {
  const isTaken = wanted in globalThis || wholeWord(wanted).test(source + test);
  return isTaken ? `My${wanted}` : wanted;
}

function wholeWord(text: string): RegExp {
  return new RegExp(`(?<![\\w-])${text}(?![\\w-])`, 'g');
}

function pascalCase(name: string): string {
  return name.replace(/(?:^|-)([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}

function constantCase(name: string): string {
  return name.replaceAll('-', '_').toUpperCase();
}

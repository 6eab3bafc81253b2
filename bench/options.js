/** What every benchmark does with its command line. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** @typedef {NonNullable<import('node:util').ParseArgsConfig['options']>} Options */

/**
 * Values of the options, or the end of the process: `--help` prints the comment at the head of the file and
 * the options with their defaults; an argument that is none of them, a line that names them.
 *
 * @template {Options} const T
 * @param {string} url  `import.meta.url` of the file that the command runs
 * @param {T} options  as `parseArgs` takes them
 */
export function readOptions(url, options) {
  const all = { ...options, help: /** @type {const} */ ({ type: 'boolean' }) };
  try {
    const { help } = /** @type {{ help?: boolean }} */ (parseArgs({ options: all }).values);
    if (help !== true) return parseArgs({ options }).values;
  } catch (error) {
    console.error(`${messageOf(error)}; options: ${Object.keys(all).map(dashed).join(' ')}`);
    process.exit(2);
  }
  console.log(`${headOf(url)}\n\nOptions:\n${Object.entries(all).map(line).join('\n')}`);
  process.exit(0);
}

const dashed = (/** @type {string} */ name) => `--${name}`;

/** @param {[string, Options[string]]} option */
function line([name, { type, default: fallback }]) {
  const text = `  ${dashed(name)}${type === 'string' ? ' TEXT' : ''}`;
  const hasDefault = type === 'string' && fallback !== undefined && fallback !== '';
  return hasDefault ? `${text.padEnd(26)}${String(fallback)}` : text;
}

/** Without the advice on positional arguments, which no benchmark has. @param {unknown} error */
function messageOf(error) {
  return (error instanceof Error ? error.message : String(error)).split('. ')[0];
}

/** @param {string} url */
function headOf(url) {
  const [, head = ''] =
    /^\/\*\*\n([^]*?)\n \*\//.exec(readFileSync(fileURLToPath(url), 'utf8')) ?? [];
  return head.replaceAll(/^ \* ?/gm, '');
}

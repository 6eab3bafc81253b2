/** Text as people paste it → a shell script: code blocks of a README, prompts, line ends of other systems. */

/** Something in the text that was mended, left out, or not run. */
export interface ScriptNote {
  /** From 1. */
  readonly line: number;
  readonly what: string;
  readonly why: string;
}

export interface ScriptText {
  /** Has the lines of the pasted text, so that places agree. */
  readonly text: string;
  readonly notes: readonly ScriptNote[];
}

const FENCE = /^\s*(?:`{3,}|~{3,})\s*([\w-]*)/;
/** Languages of a code block that hold commands. */
const SHELLS = ['', 'bash', 'sh', 'shell', 'console', 'zsh', 'shell-session', 'terminal', 'text'];

/** `data_path=<PATH>` of a README, which a shell would take for redirections. */
const PLACEHOLDER = /(?<=[\s=/])(<[A-Za-z][\w ./-]*>)(?=\s|$)/g;

/** Prepares a pasted text for a shell's parser. */
export function scriptText(pasted: string): ScriptText {
  const notes: ScriptNote[] = [];
  const lines = withoutFences(
    pasted
      .replace(/^\uFEFF/, '')
      .replaceAll('\r\n', '\n')
      .split('\n'),
  );
  const mended = lines.map((line, i) => {
    const note = (what: string, why: string) => notes.push({ line: i + 1, what, why });
    let text = withoutPrompt(line).replace(PLACEHOLDER, "'$1'");
    if (text.includes('\u00A0')) {
      text = text.replaceAll('\u00A0', ' ');
      note('no-break space', 'read as a blank');
    }
    if (/[=\s][“”„][^“”„]*[“”]/.test(text)) {
      text = text.replaceAll(/[“”„]/g, '"');
      note('typographic quotation marks', 'read as "');
    }
    if (/\\[ \t]+$/.test(text)) {
      text = text.trimEnd();
      note('a blank after "\\"', 'read as a line that goes on: a shell would end the command here');
    } else if (/\S[ \t]+[`^][ \t]*$/.test(text)) {
      text = `${text.trimEnd().slice(0, -1)}\\`;
      note('a line that ends as in PowerShell or cmd', 'read as a line that goes on');
    }
    return text;
  });
  return { text: mended.join('\n'), notes };
}

/** If the text has code blocks, nothing but these; other lines become empty. */
function withoutFences(lines: readonly string[]): string[] {
  const openings = lines.filter((line) => FENCE.test(line)).length;
  if (openings === 0) return [...lines];
  let language: string | undefined;
  // A text that begins inside of a block ends it first.
  if (openings % 2 === 1) language = '';
  return lines.map((line) => {
    const fence = FENCE.exec(line);
    if (fence !== null) {
      language = language === undefined ? fence[1]!.toLowerCase() : undefined;
      return '';
    }
    return language !== undefined && SHELLS.includes(language) ? line : '';
  });
}

/** `$ python …` of a README, `!python …` and `%cd …` of a notebook. */
function withoutPrompt(line: string): string {
  if (/^\s*%/.test(line)) return '';
  return line.replace(/^\s*\$ +(?=\S)/, '').replace(/^\s*!(?=[A-Za-z./])/, '');
}

/** A sentence and no command: begins with a letter, has blanks, and neither options nor assignments. */
export function isProse(line: string): boolean {
  return /^\s*[-*>#|(\p{L}]/u.test(line) && !/\w=|(?:^|\s)--?\w|[\\$&]/.test(line);
}

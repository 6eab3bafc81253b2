/** HTML by template: every value is escaped unless it is HTML itself. */

export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Value = Html | string | number | null | readonly Value[];

export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(
    parts
      .map((part, i) => withoutIndent(part) + (i < values.length ? render(values[i]!) : ''))
      .join(''),
  );
}

/** The layout of the source is not part of the page; values are left as they are. */
function withoutIndent(part: string): string {
  return part.replaceAll(/\n\s*/g, '\n');
}

function render(value: Value): string {
  if (value === null) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'string' || typeof value === 'number') return escape(String(value));
  return value.map(render).join('');
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

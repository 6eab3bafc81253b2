/** Two braces are text: pages are Markdown that GitHub shows too, not templates of Vue. */
import type { MarkdownRenderer } from 'vitepress';

export function noTemplates(md: MarkdownRenderer): void {
  for (const name of ['text', 'html_inline', 'code_inline']) {
    const render = md.renderer.rules[name]!;
    md.renderer.rules[name] = (...args) => render(...args).replaceAll('{{', '&#123;&#123;');
  }
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Makes text safe in HTML text and in quoted attribute values. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

/** Markup that is already safe; only `html` and `trustedMarkup` make it. */
export class Html {
  constructor(private readonly markup: string) {}

  toString(): string {
    return this.markup;
  }
}

/** Strings are escaped, arrays joined; `null` and `false` leave nothing. */
export type HtmlPart = string | number | Html | null | false | readonly HtmlPart[];

const render = (part: HtmlPart): string => {
  if (part === null || part === false) return '';
  if (part instanceof Html) return part.toString();
  if (typeof part === 'string') return escapeHtml(part);
  if (typeof part === 'number') return String(part);
  return part.map(render).join('');
};

/** Template tag: what is written in the template is markup, what is put into it is text. */
export function html(strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  return new Html(strings.map((text, index) => text + render(parts[index] ?? null)).join(''));
}

/** Text in which `what stands between backticks` becomes code. */
export function withCode(text: string): Html {
  return html`${text.split('`').map((piece, index) => (index % 2 === 1 ? html`<code>${piece}</code>` : piece))}`;
}

/** For markup that is written in this program; never for what comes from a configuration, a client or a tool. */
export function trustedMarkup(markup: string): Html {
  return new Html(markup);
}

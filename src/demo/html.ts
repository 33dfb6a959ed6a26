/** Markup that is safe to send: made only by the `html` tag, which escapes every other value. */
export class Html {
  constructor(private readonly markup: string) {}

  toString(): string {
    return this.markup;
  }
}

type Value = Html | string | number | readonly (Html | string)[];

const entities: Partial<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** `html\`<p>${text}</p>\``: strings and numbers are escaped, nested `Html` and lists of it are not. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(parts.reduce((markup, part, index) => markup + rendered(values[index - 1] ?? '') + part));
}

function rendered(value: Value): string {
  if (value instanceof Html) return value.toString();
  if (typeof value === 'object') return value.map(rendered).join('');
  return String(value).replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

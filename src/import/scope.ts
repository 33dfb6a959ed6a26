import type { Directive } from './directives';

/** What has been looked for in a block, since each location in it looks for the same. */
const lookUps = new WeakMap<readonly Directive[], Map<string, readonly Directive[]>>();

function lookUp(block: readonly Directive[], key: string, fits: (name: string) => boolean): readonly Directive[] {
  const known = lookUps.get(block) ?? new Map<string, readonly Directive[]>();
  lookUps.set(block, known);
  const found = known.get(key) ?? block.filter(({ name }) => fits(name));
  known.set(key, found);
  return found;
}

const named = (block: readonly Directive[], names: readonly string[]) =>
  lookUp(block, names.join(' '), (name) => names.includes(name));

/** A place in the configuration: its block, then those around it. */
export class Scope {
  constructor(readonly levels: readonly (readonly Directive[])[]) {}

  within(block: readonly Directive[]): Scope {
    return new Scope([block, ...this.levels]);
  }

  /** The place's own directives of a name. */
  own(...names: readonly string[]): readonly Directive[] {
    return named(this.levels[0] ?? [], names);
  }

  /** Those in force: of the nearest level that has any, as nginx inherits them. */
  all(...names: readonly string[]): readonly Directive[] {
    for (const level of this.levels) {
      const found = named(level, names);
      if (found.length > 0) return found;
    }
    return [];
  }

  one(name: string): Directive | undefined {
    return this.all(name)[0];
  }

  /** The names, of those that fit, that stand at any level. @param kind what the function looks for, in a word */
  names(kind: string, fits: (name: string) => boolean): string[] {
    const found = this.levels.flatMap((level) => lookUp(level, `(${kind})`, fits));
    return [...new Set(found.map(({ name }) => name))];
  }

  /** The value that `set` gives a variable, where it is a plain text. @param variable with its `$` */
  variable(variable: string): string | null {
    for (const level of this.levels)
      for (const { args } of named(level, ['set']))
        if (args[0] === variable) return args[1]?.includes('$') === false ? args[1] : null;
    return null;
  }
}

import type { Directive } from './directives';

/** A place in the configuration: its block, then those around it. */
export class Scope {
  constructor(readonly levels: readonly (readonly Directive[])[]) {}

  within(block: readonly Directive[]): Scope {
    return new Scope([block, ...this.levels]);
  }

  /** The place's own directives of a name. */
  own(...names: readonly string[]): Directive[] {
    return (this.levels[0] ?? []).filter(({ name }) => names.includes(name));
  }

  /** Those in force: of the nearest level that has any, as nginx inherits them. */
  all(...names: readonly string[]): Directive[] {
    for (const level of this.levels) {
      const found = level.filter(({ name }) => names.includes(name));
      if (found.length > 0) return found;
    }
    return [];
  }

  one(name: string): Directive | undefined {
    return this.all(name)[0];
  }

  /** The value that `set` gives a variable, where it is a plain text. @param variable with its `$` */
  variable(variable: string): string | null {
    for (const level of this.levels)
      for (const { name, args } of level)
        if (name === 'set' && args[0] === variable) return args[1]?.includes('$') === false ? args[1] : null;
    return null;
  }
}

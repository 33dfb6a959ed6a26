import { Refusal, type Kind } from './kinds';
import { show } from './problem';

/** Fields that frame a request, or that another setting decides, with the reason. */
const framing: Readonly<Record<string, string>> = {
  connection: 'is decided by the gateway',
  'content-length': 'is worked out from the message',
  'content-type': 'is decided by the gateway',
  expect: 'is not supported',
  host: "is taken from the receiver's address",
  'transfer-encoding': 'is worked out from the message',
};

/**
 * Header fields for a receiver, a name and a text each (RFC 9110 §5.1, §5.5). What they say is a secret: no message
 * quotes it.
 *
 * @param taken names in lower case that other settings are for, with the reason
 */
export function headerFields(taken: Readonly<Record<string, string>> = {}): Kind<Record<string, string>> {
  const reserved = { ...framing, ...taken };
  return {
    title: 'mapping of names to texts',
    json: { type: 'object', additionalProperties: { type: 'string' } },
    example: '{ Authorization: "Bearer ${TOKEN}" }',
    read(value) {
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        return new Refusal(`is not a mapping; write one such as ${this.example}`);
      const fields: Record<string, string> = {};
      for (const [name, text] of Object.entries(value)) {
        if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name))
          return new Refusal(`${show(name)} is not the name of a header field; write letters, digits and dashes`);
        const owner = reserved[name.toLowerCase()];
        if (owner !== undefined) return new Refusal(`${name} ${owner}; take it out`);
        if (typeof text !== 'string') return new Refusal(`the value of ${name} is not a text; put quotes around it`);
        if (/[^\t\x20-\x7e\x80-\xff]/.test(text))
          return new Refusal(
            `the value of ${name} has a line break or a character that a header cannot carry; take it out`,
          );
        fields[name] = text.trim();
      }
      return fields;
    },
  };
}

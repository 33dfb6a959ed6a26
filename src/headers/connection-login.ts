import { valuesOf, type RawHeaders } from './raw';

/**
 * Schemes that sign a whole connection in, and not the one request that carries them (RFC 4559 §6; nginx: `ntlm`).
 * Several challenges may stand in one field (RFC 9110 §11.6.1), and so do credentials where somebody has joined fields.
 */
const scheme = /(?:^|,)\s*(?:ntlm|negotiate)(?=[\s,]|$)/i;

/** Whether a request signs its connection in, or begins to. */
export function signsConnectionIn(raw: RawHeaders): boolean {
  return valuesOf(raw, 'authorization').some((value) => scheme.test(value));
}

/** Names of an answer's fields that tell of such a login, in lower case. IIS says `Persistent-Auth: true` behind one. */
export const connectionLoginFields = ['www-authenticate', 'persistent-auth'] as const;

/** Whether a field of an answer tells of a connection that is signed in, or may be. @param name lower case */
export function tellsOfConnectionLogin(name: (typeof connectionLoginFields)[number], value: string): boolean {
  return name === 'persistent-auth' ? /^\s*true/i.test(value) : scheme.test(value);
}

/** The same of all fields of an answer. */
export function answerTellsOfConnectionLogin(raw: RawHeaders): boolean {
  return connectionLoginFields.some((name) => valuesOf(raw, name).some((value) => tellsOfConnectionLogin(name, value)));
}

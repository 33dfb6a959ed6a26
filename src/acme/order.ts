import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type * as Acme from 'acme-client';
import type { AcmeConfig } from '../config/config';
import { writeWhole } from '../listener/write-whole';
import type { Challenges } from './challenges';
import { AcmeFailure, failureOf } from './failure';
import { formatStored } from './stored-certificate';
import { createTransport, type Transport } from './transport';

/** Milliseconds: the first wait for the authority, the longest one, and until it is given up. */
const polling = { first: 500, longest: 10_000, most: 5 * 60_000 };

export interface OrderDeps {
  readonly challenges: Challenges;
  /** The file of the account's key; made when it is missing. */
  readonly accountFile: string;
  readonly signal: AbortSignal;
}

/**
 * Orders a certificate (RFC 8555 §7.1): account, order, challenges, finalisation. To be called by one process at a time.
 *
 * @returns PEM: a new private key, then the chain
 * @throws AcmeFailure; the signal's reason when it is aborted; what `fs` throws
 */
export async function orderCertificate(acme: AcmeConfig, deps: OrderDeps): Promise<string> {
  // Loaded when it is needed: most gateways never do.
  const library = await import('acme-client');
  const accountKey = await accountKeyIn(deps.accountFile, library);
  const client = new library.Client({
    directoryUrl: acme.directory,
    accountKey,
    ...(acme.eab === null ? {} : { externalAccountBinding: { kid: acme.eab.keyId, hmacKey: acme.eab.hmacKey } }),
  });
  const transport = createTransport(library.axios, acme, deps.signal);
  transport.attach(client);
  try {
    await openAccount(client, acme);
    const order = await client.createOrder({
      identifiers: acme.domains.map((value) => ({ type: 'dns', value })),
    });
    await authorize(client, transport, order, acme, deps);
    const key = await library.crypto.createPrivateEcdsaKey('P-256');
    const [, request] = await library.crypto.createCsr({ altNames: [...acme.domains] }, key);
    await client.finalizeOrder(order, request);
    const issued = await untilDecided(transport, deps.signal, async () => {
      const now = await client.getOrder(order);
      if (now.status === 'invalid') throw failureOf(now.error, {});
      return now.status === 'valid' ? now : null;
    });
    return formatStored(key.toString(), await client.getCertificate(issued));
  } finally {
    transport.close();
  }
}

async function accountKeyIn(file: string, { crypto }: typeof Acme): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const key = (await crypto.createPrivateEcdsaKey('P-256')).toString();
  await writeWhole(file, key, 0o600);
  return key;
}

/** The account that the key has, with today's contact; or a new one. */
async function openAccount(client: Acme.Client, { email }: AcmeConfig): Promise<void> {
  const contact = email === null ? [] : [`mailto:${email}`];
  try {
    const account = await client.createAccount({ onlyReturnExisting: true });
    const known = account.contact ?? [];
    if (contact.length > 0 && contact.join() !== known.join()) await client.updateAccount({ contact });
  } catch (error) {
    if (!(error instanceof AcmeFailure) || !['accountDoesNotExist', 'externalAccountRequired'].includes(error.code))
      throw error;
    await client.createAccount({ termsOfServiceAgreed: true, ...(contact.length > 0 ? { contact } : {}) });
  }
}

/** Puts a response to a challenge of each name in place, and waits until the authority has seen them all. */
async function authorize(
  client: Acme.Client,
  transport: Transport,
  order: Acme.Order,
  acme: AcmeConfig,
  { challenges, signal }: OrderDeps,
): Promise<void> {
  const type = acme.challenge;
  const placed: string[] = [];
  try {
    const authorizations = await client.getAuthorizations(order);
    const pending = authorizations.filter(({ status }) => status !== 'valid');
    const accepted = [];
    for (const authorization of pending) {
      const { identifier } = authorization;
      const challenge = authorization.challenges.find((offered) => (offered.type as string) === type);
      if (challenge === undefined)
        throw new AcmeFailure('noChallenge', `the authority offers no ${type} for ${identifier.value}`);
      const name = type === 'http-01' ? challenge.token : identifier.value;
      await challenges.put(type, name, await client.getChallengeKeyAuthorization(challenge));
      placed.push(name);
      accepted.push(challenge);
    }
    for (const challenge of accepted) await client.completeChallenge(challenge);
    const urls = pending.map(({ url }) => url);
    await untilDecided(transport, signal, async () => {
      const now = await client.getAuthorizations({ ...order, authorizations: urls });
      for (const { status, identifier, challenges: tried } of now) {
        if (status === 'valid' || status === 'pending') continue;
        const failed = tried.find((challenge) => challenge.error !== undefined);
        throw failureOf(failed?.error, { domain: identifier.value });
      }
      return now.every(({ status }) => status === 'valid') ? now : null;
    });
  } finally {
    for (const name of placed) await challenges.remove(type, name);
  }
}

/** Asks again and again, as the authority likes it, until there is an answer. */
async function untilDecided<T>(transport: Transport, signal: AbortSignal, ask: () => Promise<T | null>): Promise<T> {
  let wait = polling.first;
  for (let waited = 0; waited < polling.most; waited += wait) {
    const answer = await ask();
    if (answer !== null) return answer;
    wait = Math.max(Math.min(wait * 1.5, polling.longest), Math.min(transport.retryAfter ?? 0, 60_000));
    await pause(wait, undefined, { signal, ref: false });
  }
  throw new AcmeFailure('undecided', `the authority has not decided within ${polling.most / 60_000} minutes`);
}

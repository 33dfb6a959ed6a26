import type { RawClient } from './raw-client';

/** Writes a field as the relay does not take it, and as everybody understands it. */
export function keepFromRelay(client: RawClient): void {
  const write = client.write.bind(client);
  client.write = (bytes) =>
    write(typeof bytes === 'string' ? bytes.replace(/\r\nhost: /gi, (field) => field.trimEnd()) : bytes);
}

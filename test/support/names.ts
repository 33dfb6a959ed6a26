import dns from 'node:dns';

type Answered = (error: Error | null, address: string | dns.LookupAddress[], family?: number) => void;

/**
 * Answers look-ups of a host name, as a name server that is told otherwise in between; all others are looked up as ever.
 * @param addresses IPv4, in the order in which they are to be tried; asked for with each look-up
 * @returns ends it
 */
export function answerName(name: string, addresses: () => readonly string[]): () => void {
  const real = dns.lookup;
  const answered = jest.spyOn(dns, 'lookup').mockImplementation(((
    hostname: string,
    options: dns.LookupOptions,
    done: Answered,
  ) => {
    if (hostname !== name) {
      real(hostname, options, done as never);
      return;
    }
    const found = addresses().map((address) => ({ address, family: 4 }));
    setImmediate(() => {
      if (options.all) done(null, found);
      else done(null, found[0]?.address ?? '', 4);
    });
  }) as never);
  return () => answered.mockRestore();
}

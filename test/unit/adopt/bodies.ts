import type { BodyRewriter } from '../../../src/adopt/body-rewriter';
import { BodyUrls } from '../../../src/adopt/urls';
import { mountOf } from '../../support/mounts';
import type { RawMount } from '../../support/gateway';

/** The URLs of an answer to `/tool/a/page`. */
export function bodyUrls(mount: Partial<RawMount> = {}, path = '/a/page'): BodyUrls {
  return new BodyUrls({
    mount: mountOf({ name: 'Tool', path: '/tool', target: 'http://internal:9090', prefix: 'adopt', ...mount }),
    origin: { proto: 'https', authority: 'tools.example', hostname: 'tools.example', port: 443 },
    host: 'tools.example',
    publicTarget: `/tool${path}`,
    upstreamTarget: path,
  });
}

/** A body through a new rewriter, in pieces of this size; whatever the size, the outcome has to be the same. */
export function rewritten(create: () => BodyRewriter, body: string | Buffer, size = Infinity): string {
  const bytes = Buffer.from(body as string, 'latin1');
  const rewriter = create();
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) parts.push(Buffer.from(rewriter.push(bytes.subarray(at, at + size))));
  parts.push(rewriter.end());
  return Buffer.concat(parts).toString('latin1');
}

/** The outcome, which has to be the same in pieces of all sizes. */
export function rewrittenAnyhow(create: () => BodyRewriter, body: string): string {
  const whole = rewritten(create, body);
  for (const size of [1, 2, 3, 7]) expect(rewritten(create, body, size)).toBe(whole);
  return whole;
}

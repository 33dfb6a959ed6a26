import { plain, type StrictRequest } from './strict-reader';

const tellsOfClient =
  /^(?:forwarded|x-forwarded(?:-.*)?|x-real-ip|x-request-id|(?:true-|x-|x-cluster-)?client-ip|x-original-.*|x-rewrite-url)$/;

/**
 * What is wrong with the fields by which the tool is told of its client, who came from 127.0.0.1 in plain HTTP: each is
 * there once and the gateway's own, and there is no other.
 */
export function wrongOwnFields({ fields }: Pick<StrictRequest, 'fields'>): string[] {
  const host = fields.find(([name]) => plain(name) === 'host')?.[1] ?? '';
  const port = /:(\d+)$/.exec(host)?.[1] ?? '80';
  const expected: Readonly<Record<string, RegExp | string>> = {
    'X-Real-IP': '127.0.0.1',
    'X-Forwarded-For': '127.0.0.1',
    'X-Forwarded-Proto': 'http',
    'X-Forwarded-Host': host,
    'X-Forwarded-Port': port,
    Forwarded: /^for=127\.0\.0\.1;host=(?:"[^"\\]*"|[^";,]*);proto=http$/,
    'X-Request-Id': /^[0-9a-f]{32}$/,
  };
  const told = fields.filter(([name]) => tellsOfClient.test(plain(name)));
  const foreign = told.filter(([name, value]) => {
    const wanted = expected[name];
    return wanted === undefined || (typeof wanted === 'string' ? value !== wanted : !wanted.test(value));
  });
  const missing = Object.keys(expected).filter((name) => told.filter(([each]) => each === name).length !== 1);
  return [
    ...foreign.map(([name, value]) => `not the gateway’s own: ${name}: ${value}`),
    ...missing.map((name) => `not once: ${name}`),
  ];
}

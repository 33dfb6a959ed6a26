import { parse } from 'yaml';
import { convert } from '../../../src/import/convert';
import { parseDirectives } from '../../../src/import/directives';
import { writeYaml } from '../../../src/import/write';

/** What becomes of a text, as people read it. */
export function imported(text: string, server: string | null = null) {
  const directives = parseDirectives(text, 'nginx.conf');
  const written = writeYaml(convert(directives, '/etc/nginx/nginx.conf', server), directives, 'nginx.conf');
  return {
    config: parse(written.text),
    text: written.text,
    count: written.remarks,
    notInForce: written.notInForce,
    /** `8: gzip on: ...`, each. */
    remarks: [...written.text.matchAll(/^ *# nginx\.conf:(\d+: .*)$/gm)].map(([, remark]) => remark),
  };
}

/** A server with what stands in it, on line 1. */
export const server = (inside: string) => `server { listen 80; ${inside} }`;

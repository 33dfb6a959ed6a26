import { get, hidden, host, served, smugglingCase, spelled, type SmugglingCase } from '../smuggling-case';

const withHost = (lines: string) => `GET /tool/x HTTP/1.1\r\n${lines}\r\n\r\n`;

const refusedHosts: readonly (readonly [name: string, lines: string])[] = [
  ['no Host', 'X-A: a'],
  ['an empty Host', 'Host:'],
  ['a Host of blanks', 'Host:   '],
  ['two Hosts', 'Host: public.example\r\nHost: evil.example'],
  ['two Hosts in different cases', 'Host: public.example\r\nHOST: evil.example'],
  ['the same Host twice', 'Host: public.example\r\nHost: public.example'],
  ['an empty Host before another', 'Host:\r\nHost: evil.example'],
  ['a list of Hosts', 'Host: public.example, evil.example'],
  ['a Host and a path', 'Host: public.example/x'],
  ['a Host and a query', 'Host: public.example?x'],
  ['a Host and a fragment', 'Host: public.example#x'],
  ['a Host and a backslash', 'Host: public.example\\x'],
  ['a Host and a user', 'Host: user@public.example'],
  ['a Host and a user that ends in a port', 'Host: public.example:80@evil.example'],
  ['a Host and two ports', 'Host: public.example:80:90'],
  ['a Host and a port that is no number', 'Host: public.example:80x'],
  ['a Host and a port with a sign', 'Host: public.example:+80'],
  ['a Host and a port beyond all', 'Host: public.example:99999'],
  ['a Host with a blank', 'Host: public.example evil.example'],
  ['a Host with a tab', 'Host: public.example\tevil.example'],
  ['a Host with a NUL', 'Host: public.example\0'],
  ['a Host with a vertical tab', 'Host: public.example\v'],
  ['a Host in quotes', 'Host: "public.example"'],
  ['a Host in angle brackets', 'Host: <public.example>'],
  ['a Host in braces', 'Host: {public.example}'],
  ['a Host with what is not ASCII', 'Host: publ\xefc.example'],
  ['a Host of an address without its end', 'Host: [::1'],
  ['a Host of no address', 'Host: [public.example]'],
  ['a Host with a scheme', 'Host: http://public.example'],
  ['a Host folded in its midst', 'Host: public\r\n .example'],
  ['a blank before the colon of Host', 'Host : public.example'],
  ['a blank before Host', 'X-A: a\r\n Host: public.example'],
  ['Host behind a bare CR and a blank', 'X-A: a\r Host: public.example'],
  ['two Hosts, the second with a blank before its colon', 'Host: public.example\r\nHost : evil.example'],
  ['two Hosts, the second folded', 'Host: public.example\r\n Host: evil.example'],
];

const soundHosts: readonly (readonly [name: string, lines: string, host: string])[] = [
  ['a Host in disguise', 'Host: public.example\r\nH_ost: evil.example', 'public.example'],
  [
    'X-Host and its like',
    'Host: public.example\r\nX-Host: evil.example\r\nX-Original-Host: evil.example',
    'public.example',
  ],
  ['a Host with a port', 'Host: public.example:8443', 'public.example:8443'],
  ['a Host of an address', 'Host: [::1]:8443', '[::1]:8443'],
];

const absolute = (authority: string, fields: string) => `GET ${authority}/tool/x HTTP/1.1\r\n${fields}\r\n`;
const goesOn = (target = '/tool/x', at = 'public.example') =>
  ({
    answers: [served('GET', target, '', { host: at, absent: ['x-host', 'x-original-host'] })],
    then: 'goes on',
  }) as const;

const targets: readonly SmugglingCase[] = [
  smugglingCase(
    'an absolute target with another Host',
    absolute('http://public.example', 'Host: evil.example\r\n'),
    goesOn(),
  ),
  smugglingCase('an absolute target in upper case', absolute('HTTP://public.example', host), goesOn()),
  smugglingCase('an absolute target of HTTPS', absolute('https://public.example', host), goesOn()),
  smugglingCase(
    'an absolute target with a port',
    absolute('http://public.example:81', host),
    goesOn('/tool/x', 'public.example:81'),
  ),
  smugglingCase('an absolute target without a path', `GET http://public.example HTTP/1.1\r\n${host}\r\n`, {
    answers: [200],
    then: 'goes on',
  }),
  smugglingCase(
    'an absolute target without a path and with a query',
    `GET http://public.example?/tool/x HTTP/1.1\r\n${host}\r\n`,
    {
      answers: [200],
      then: 'goes on',
    },
  ),
  smugglingCase(
    'an absolute target with two Hosts',
    absolute('http://public.example', `${host}Host: evil.example\r\n`),
  ),
  smugglingCase('an absolute target without a Host', absolute('http://public.example', '')),
  smugglingCase('an absolute target with an empty Host', absolute('http://public.example', 'Host:\r\n')),
  smugglingCase('an absolute target with a user', absolute('http://user@public.example', host)),
  smugglingCase('an absolute target with a user and a slash', absolute('http://a:b@evil.example', host)),
  smugglingCase('an absolute target without an authority', absolute('http://', host)),
  smugglingCase('an absolute target with three slashes', absolute('http:///public.example', host)),
  smugglingCase('an absolute target with a backslash', absolute('http://public.example\\@evil.example', host)),
  smugglingCase('an absolute target of another scheme', absolute('ftp://public.example', host)),
  smugglingCase('an absolute target of a scheme that runs', 'GET javascript:alert(1) HTTP/1.1\r\nHost: a\r\n\r\n'),
  smugglingCase('an absolute target with a fragment', get('http://public.example/tool/x#y')),
  smugglingCase('a target that is an authority', get('public.example:80')),
  smugglingCase('a target that is a relative path', get('tool/x')),
  smugglingCase('a target that is a query', get('?/tool/x')),
  smugglingCase('a target that is an asterisk', get('*')),
  smugglingCase('a target that is an asterisk and a path', `OPTIONS */tool/x HTTP/1.1\r\n${host}\r\n`),
  smugglingCase('no target', `GET  HTTP/1.1\r\n${host}\r\n`),
  smugglingCase('a fragment in the target', get('/tool/x#y')),
  smugglingCase('a target and a second one', get('/tool/x /tool/y')),
  smugglingCase('two blanks before the target', get(' /tool/x'), goesOn()),
  smugglingCase('two blanks behind the target', get('/tool/x '), goesOn()),
  smugglingCase('a version in the target', get('/tool/x HTTP/1.1\tX')),
  smugglingCase('a target that leads out of its mount', get('/tool/../../-/up')),
  smugglingCase('a target that leads out of its mount, encoded', get('/tool/%2e%2e%2f%2e%2e%2fx')),
  smugglingCase('a target that leads out of its mount by a parameter', get('/tool/..;/..;/x')),
  smugglingCase('a target that leads out of its mount by a backslash', get('/tool/..\\..\\x')),
  smugglingCase('a target of twenty kilobytes', get(`/tool/${'x'.repeat(20_000)}`) + hidden),
  smugglingCase('a target of seventy kilobytes', get(`/tool/${'x'.repeat(70_000)}`) + hidden),
  smugglingCase('a field of seventy kilobytes', get('/tool/x', `X-A: ${'x'.repeat(70_000)}\r\n`) + hidden),
  smugglingCase('six hundred fields', get('/tool/x', 'X-A: a\r\n'.repeat(600)) + hidden),
  smugglingCase('a target that begins with two slashes and a name', get('//public.example/tool/x'), {
    answers: [404],
    then: 'goes on',
  }),
  smugglingCase('an asterisk for OPTIONS', `OPTIONS * HTTP/1.1\r\n${host}\r\n`, { answers: [204], then: 'goes on' }),
  smugglingCase('a request in the query of the target', get(`/tool/x?${encodeURIComponent(hidden)}`), {
    answers: [served('GET', `/tool/x?${encodeURIComponent(hidden)}`)],
    then: 'goes on',
  }),
  ...['\x80', '\xa0', '\xff', '\xc3\xa9'].map((text) =>
    smugglingCase(`a target with ${spelled(text)}`, get(`/tool/x${text}y`)),
  ),
  ...['"', '<', '\\', '^', '`', '{', '|'].map((text) =>
    smugglingCase(`a target with ${spelled(text)}`, get(`/tool/x${text}y`), {
      answers: [served('GET', `/tool/x${text}y`)],
      then: 'goes on',
    }),
  ),
];

export const hostAndTarget: readonly SmugglingCase[] = [
  ...refusedHosts.map(([name, lines]) => smugglingCase(name, withHost(lines))),
  ...soundHosts.map(([name, lines, at]) => smugglingCase(name, withHost(lines), goesOn('/tool/x', at))),
  ...targets,
];

import { adoptedAnswerValue } from '../../../src/adopt/answer-fields';
import { bodyKind } from '../../../src/adopt/body-kind';
import { mapCookie } from '../../../src/adopt/browser/cookie';
import { mapCss } from '../../../src/adopt/browser/css';
import { mapMarkup } from '../../../src/adopt/browser/markup';
import { urlMap } from '../../../src/adopt/browser/url';
import { codingOf, readableCodings } from '../../../src/adopt/codings';
import { escapedCss, unescapedCss } from '../../../src/adopt/css/css-text';
import { fixedStyle } from '../../../src/adopt/css/style-rewriter';
import { adoptedTag, toolTags } from '../../../src/adopt/entity-tags';
import { escapedFrom } from '../../../src/adopt/escaped';
import { attributeText, attributeValue } from '../../../src/adopt/html/attribute-text';
import { fixedSrcset } from '../../../src/adopt/html/srcset';
import { fixedImportMap, fixedManifest, fixedSpeculationRules } from '../../../src/adopt/json-urls';
import { movedPolicy, passThrough, widened } from '../../../src/adopt/policy';
import { adoptedRequestValue } from '../../../src/adopt/request-fields';
import { mayBeDenied } from '../../../src/access/denied-path';
import { prefersHtml } from '../../../src/app/prefers-html';
import { readRequestHead } from '../../../src/app/request-head';
import { interpolate } from '../../../src/config/interpolate';
import { escapedCounts } from '../../../src/doctor/findings/escaped';
import { pageUrls, scriptUrls, titleOf } from '../../../src/doctor/page-urls';
import { readAsked } from '../../../src/explain/asked';
import { distinguishedName } from '../../../src/headers/client-certificate';
import { fixCookie } from '../../../src/headers/cookies';
import { isOrigin, parseAuthority, readForwarded } from '../../../src/headers/forwarded';
import { cookieNames, withoutGatewayCookies } from '../../../src/headers/gateway-cookies';
import { fixLocation, fixRefresh } from '../../../src/headers/location';
import { inboundFields } from '../../../src/headers/response';
import { parseRetryAfter } from '../../../src/headers/retry-after';
import { fixAllowedScope } from '../../../src/headers/service-worker';
import { parseTraceparent, readTracestate } from '../../../src/headers/trace-context';
import { normaliseAddress } from '../../../src/headers/trust';
import { placeOf } from '../../../src/import/location';
import { parseDirectives } from '../../../src/import/directives';
import { globMatcher } from '../../../src/import/glob';
import { passageByRewrite, passageByUri } from '../../../src/import/passage';
import { durationOf, sizeOf } from '../../../src/import/values';
import { readChain, readKey } from '../../../src/listener/certificate';
import { climbsOut, decodeUnreserved } from '../../../src/mount/path';
import { MountTable } from '../../../src/mount/table';
import { safeTarget } from '../../../src/observe/redact';
import { readAnswerHead } from '../../../src/relay/answer-head';
import { readFieldLines } from '../../../src/relay/field-lines';
import { readRequestFields, readRequestLine } from '../../../src/relay/request-head';
import { mountsOf } from '../../support/mounts';
import { bodyUrls } from '../adopt/bodies';
import { delimiters, growsLinearly } from './growth';

const table = new MountTable(mountsOf({ path: '/tool', target: 'http://internal:9090/base', prefix: 'adopt' }));
const [mount] = table.mounts;
const origin = { proto: 'https', authority: 'tools.example', hostname: 'tools.example', port: 443 } as const;
const context = { mount: mount!, origin, host: 'tools.example', publicTarget: '/tool/a/b', upstreamTarget: '/a/b' };
const view = {
  trusted: false,
  address: '127.0.0.1',
  origin,
  host: 'tools.example',
  prefix: '',
  heard: null,
  forwardedFor: '',
  forwarded: '',
};
const peer = { address: '127.0.0.1', secure: true, certificate: null };
const script = { url: 'https://tools.example/-/a.js', hash: "'sha384-x'" };
const map = urlMap({ mount: '/tool', origin: 'https://tools.example', base: () => 'https://tools.example/tool/a/' });
const limits = { url: 1e6, fields: 1e4 };
const urls = bodyUrls();
const fixed = (url: string) => urls.fixed(url);

/** What it is a part of: nothing, or a text that it makes the parser go on with. */
const around = (...more: readonly (readonly [string, string])[]): readonly (readonly [string, string])[] => [
  ['', ''],
  ['a', 'b'],
  ...more,
];
const asked = (...fields: string[]) => ({ method: 'GET', fields });
const ofAnswer = (name: string) => (text: string) =>
  adoptedAnswerValue(name, text, {
    context,
    kind: 'document',
    tagged: true,
    pass: passThrough([text]),
    script,
    escaped: false,
  });
const ofRequest = (name: string) => (text: string) =>
  adoptedRequestValue(name, text, asked(name, text), { mount: mount!, view, whole: false });
const forwarded = (name: string) => (text: string) => readForwarded([name, text], 'tools.example', peer, () => true);

type Parser = readonly [
  name: string,
  parse: (text: string) => unknown,
  around?: readonly (readonly [string, string])[],
];

const parsers: readonly Parser[] = [
  ['a URL of a body', fixed, around(['/a', '/b'], ['http://internal:9090/', ''], ['//', '/x'])],
  ['a base', (text) => urls.copy().startFrom(text), around(['/', '/'])],
  ['Location', (text) => fixLocation(text, context), around(['/', 'x'], ['http://internal:9090/', 'x'], ['//', ''])],
  ['Refresh', (text) => fixRefresh(text, context), around(['5', 'x'], ['5; url=', "'"], ['5;', ''], ['5; url="', ''])],
  ['Service-Worker-Allowed', (text) => fixAllowedScope(text, context), around(['/', '/'])],
  ['Set-Cookie', (text) => fixCookie(text, context), around(['a=b; path=/', ''], ['a=b;', ' ;'])],
  ['Cookie', (text) => [withoutGatewayCookies(text), cookieNames([text])], around(['kpow_gateway_target=1;', ''])],
  ['srcset', (text) => fixedSrcset(text, fixed), around(['/a', ' 1x'], ['/a (', ')'])],
  ['an attribute', (text) => [attributeText(text), attributeValue(text, 0), attributeValue(text, 0x22)]],
  [
    'an import map',
    (text) => fixedImportMap(text, fixed),
    around(['{"imports":{"a":"/', '"}}'], ['{"imports":{"', '":"/"}}']),
  ],
  ['speculation rules', (text) => fixedSpeculationRules(text, fixed), around(['{"prefetch":[{"urls":["/', '"]}]}'])],
  ['a manifest', (text) => fixedManifest(text, fixed), around(['{"src":"a', 'b"}'], ['{"icons":[', ']}'])],
  ['a style', (text) => fixedStyle(text, urls), around(['a{b:url(', ')}'], ['@import "/', '";'], ['/*', ''])],
  ['a text of a style', (text) => [unescapedCss(text), escapedCss(text, 0), escapedCss(text, 0x22)]],
  ...['link', 'speculation-rules', 'reporting-endpoints', 'etag', 'sourcemap', 'content-security-policy'].map(
    (name) => [name, ofAnswer(name), around(['<', '>'], ['"', '"'], ['script-src /', "'none'"])] as const,
  ),
  [
    'a policy',
    (text) => widened(text, script, passThrough([text])),
    around(["default-src 'self'", ''], ["default-src 'self'", 'x']),
  ],
  ['the URLs of a policy', (text) => movedPolicy(text, (url) => url), around(['report-uri /', ''])],
  ['a tag', (text) => [adoptedTag(text), toolTags(text)], around(['"', '"'], ['W/"', ''])],
  ...['accept-encoding', 'referer', 'if-none-match', 'if-range'].map(
    (name) => [name, ofRequest(name), around(['https://tools.example/tool/', ''], ['"', '"'])] as const,
  ),
  [
    'Content-Type',
    (text) => bodyKind(asked(), 200, ['Content-Type', text, 'Content-Disposition', text], text),
    around(['text/html;', '']),
  ],
  [
    'Sec-Fetch-Dest',
    (text) => bodyKind(asked('Sec-Fetch-Dest', text, 'Accept', text), 200, ['Content-Type', 'text/html'], '/'),
  ],
  [
    'what has escaped',
    (text) => escapedFrom('/x', asked('Accept', text, 'Referer', text, 'Cookie', text), view, table),
    around(['https://tools.example/tool/', '']),
  ],
  ['Content-Encoding', (text) => [codingOf(text), readableCodings(text)]],
  ['Forwarded', forwarded('Forwarded'), around(['for=', ''], ['for=a', ';'], ['for="', ''], ['for=a;host', 'x'])],
  ...['X-Forwarded-For', 'X-Forwarded-Host', 'X-Forwarded-Proto', 'X-Forwarded-Port'].map(
    (name) => [name, forwarded(name)] as const,
  ),
  ['Host', (text) => [parseAuthority(text), isOrigin(text, origin), normaliseAddress(text)], around(['[', ']:1'])],
  ['tracestate', (text) => [readTracestate([text]), parseTraceparent(text)], around(['a=b,', ',c=d'])],
  ['Accept', prefersHtml, around(['text/html;', ';q=1'])],
  ['Retry-After', parseRetryAfter],
  [
    'a path',
    (text) => [mayBeDenied(text, [['a', 'b']]), climbsOut(text), decodeUnreserved(text), table.match(text)],
    around(['/', '/']),
  ],
  ['a target for the log', safeTarget, around(['/a?', ''], ['/;', ''], ['http://', '@'])],
  [
    'a request’s head',
    (text) =>
      tried(() =>
        readRequestHead({ method: 'GET', url: text, rawHeaders: ['Host', text], httpVersion: '1.1' }, limits),
      ),
    around(['http://a', '#'], ['/', '']),
  ],
  ['a request line', (text) => readRequestLine(`GET ${text} HTTP/1.1\r\n`), around(['/', ''])],
  [
    'the fields of a request',
    (text) => readRequestFields(text),
    around(['Host: a\r\nX: ', '\r\n'], ['Content-Length: ', '\r\n']),
  ],
  [
    'the fields of a head',
    (text) => [readFieldLines(text, 'any'), readFieldLines(text, 'one')],
    around(['X: ', '\r\n']),
  ],
  [
    'the head of an answer',
    (text) => readAnswerHead(`HTTP/1.1 200 OK\r\n${text}`),
    around(['Connection: ', '\r\n'], ['Content-Length:\t', '\r\n']),
  ],
  [
    'the fields of an answer',
    (text) => inboundFields(['Connection', text, 'Refresh', text, 'Set-Cookie', text], context, []),
  ],
  ['a certificate’s name', distinguishedName],
  [
    'a page for doctor',
    (text) => [pageUrls(text), titleOf(text)],
    around(['<a href="', '">'], ['<script', ''], ['<title', '']),
  ],
  ['a script for doctor', scriptUrls, around(['new WebSocket("', '")'], ['new ', ''])],
  ['metrics for doctor', escapedCounts, around(['kpow_gateway_escaped_requests_total{', '} 1'])],
  [
    'a request to explain',
    (text) =>
      tried(() =>
        readAsked({
          words: ['GET', `/${text}`],
          fields: [`A:${text}`],
          address: '127.0.0.1',
          here: { secure: true, authority: 'a' },
        }),
      ),
  ],
  [
    'nginx’s directives',
    (text) => tried(() => parseDirectives(text, 'f')),
    around(['a "', '";'], ['content_by_lua_block {', '}'], ['a {', '}']),
  ],
  [
    'a pattern of nginx’s',
    (text) => globMatcher(text.slice(0, 2_000))('a'.repeat(255)),
    around(['*', '*b'], ['[', ']']),
  ],
  ['values of nginx’s', (text) => [durationOf(text), sizeOf(text)], around(['1', 'x'])],
  [
    'locations of nginx’s',
    (text) => [
      placeOf({ name: 'location', args: [text], block: [], file: '', line: 1 }),
      passageByUri(text, text),
      passageByRewrite(text, text, text),
    ],
    around(['/', 'x']),
  ],
  ['PEM', (text) => [readChain(text), readKey(text)], around(['-----BEGIN CERTIFICATE-----', ''], ['-----BEGIN ', ''])],
  ['placeholders', (text) => interpolate({ a: text }, {}), around(['${', '}'], ['${A:-', ''])],
  [
    'markup in the browser',
    (text) => mapMarkup(text, map),
    around(['<a href="/', '">'], ['<a href="/"', ''], ['<style', '=']),
  ],
  ['a style in the browser', (text) => mapCss(text, map), around(['url(', '/)'], ['/@import ', ''])],
  ['a cookie in the browser', (text) => mapCookie(text, '/tool'), around(['a=b;', 'path=/'], ['a=b; path', ''])],
  ['a URL in the browser', map, around(['/', 'x'], ['http:', ''])],
];

function tried(parse: () => unknown): unknown {
  try {
    return parse();
  } catch (error) {
    return error;
  }
}

test.each(parsers.map(([name, parse, contexts = around()]) => ({ name, parse, contexts })))(
  '$name',
  ({ parse, contexts }) => {
    const slow = delimiters.flatMap((delimiter) =>
      contexts
        .filter(
          ([before, after]) =>
            !growsLinearly((length) => parse(before + delimiter.repeat(Math.ceil(length / delimiter.length)) + after)),
        )
        .map(([before, after]) => `${before}(${delimiter})*${after}`),
    );
    expect(slow).toEqual([]);
  },
);

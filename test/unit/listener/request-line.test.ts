import { wrongRequestLine } from '../../../src/listener/request-line';

test.each([
  'GET / HTTP/1.1',
  'PROPFIND /x HTTP/1.0',
  'M-SEARCH * HTTP/1.1',
  // Node's parser refuses these itself.
  'FOO / HTTP/2.0',
  'PRI * HTTP/2.0',
  'GE T /x HTTP/1.1',
  'GET /x',
  'F(O / HTTP/1.1',
  'garbage',
  '',
])('%j is left to the parser', (line) => {
  expect(wrongRequestLine(line)).toBeNull();
});

test.each([
  ['FOO / HTTP/1.1', 501],
  ['get / HTTP/1.1', 501],
  ['PLAY /x HTTP/1.0', 501],
  ['OPTIONS /x RTSP/1.0', 400],
  ['GET /x RTSP/1.1', 400],
  ['SOURCE /x ICE/1.0', 400],
  ['GET /x HTTPS/1.1', 400],
  ['GET /x http/1.1', 400],
  ['OPTIONS  /x RTSP/1.0', 400],
  ['OPTIONS /x  RTSP/1.0', 400],
  ['FOO  /x  HTTP/1.1', 501],
])('%j is refused: %s', (line, status) => {
  expect(wrongRequestLine(line)?.status).toBe(status);
});

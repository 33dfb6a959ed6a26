import { loadConfig } from '../../../src/config/load';

const yaml = 'mounts:\n  - path: ${KPOW_PATH:-/kpow}\n    target: http://localhost:3000\n';

describe('--config env:NAME', () => {
  test('is the text in the variable, with the other variables filled in and files from the folder', () => {
    const config = loadConfig('env:GATEWAY_CONFIG', { GATEWAY_CONFIG: yaml, KPOW_PATH: '/here' }, '/srv/gateway');
    expect(config.mounts).toMatchObject([{ path: '/here', target: { port: 3000 } }]);
    expect(config.listen.https?.cert).toBe('/srv/gateway/certs/tls.crt');
  });

  test.each([
    [
      'env:GATEWAY_CONFIG',
      {},
      'env:GATEWAY_CONFIG: the environment variable GATEWAY_CONFIG is not set; put the text of the configuration, in YAML, into it',
    ],
    [
      'env:GATEWAY_CONFIG',
      { GATEWAY_CONFIG: ' \n' },
      'env:GATEWAY_CONFIG: the environment variable GATEWAY_CONFIG is empty; put the text of the configuration, in YAML, into it',
    ],
    ['env:constructor', {}, 'env:constructor: the environment variable constructor is not set'],
    ['env:A', { A: 'mounts: ${toString}' }, 'the environment variable toString is not set'],
    ['env:', {}, 'env:: does not name an environment variable; write --config env:NAME, such as env:GATEWAY_CONFIG'],
    [
      'env:gateway.yaml',
      {},
      'env:gateway.yaml: does not name an environment variable; write --config env:NAME, such as env:GATEWAY_CONFIG',
    ],
    [
      'env:GATEWAY_CONFIG',
      { GATEWAY_CONFIG: 'mounts:\n  - path: /kpow\n    target: localhost:3000\n' },
      'env:GATEWAY_CONFIG: mounts[0].target: "localhost:3000" has no scheme; write http://localhost:3000',
    ],
    ['env:A', { A: 'mounts: [' }, /^env:A: line 1, column \d+: /],
  ])('%s of %j is refused by its name', (source, env, message) => {
    expect(() => loadConfig(source, env)).toThrow(message);
  });

  test('an empty name, as of a variable that nobody has set, is told apart from a file', () => {
    expect(() => loadConfig('', {})).toThrow(
      '--config or KPOW_GATEWAY_CONFIG is empty; name a file in it, or leave it out',
    );
  });

  test('a file of such a name is there with its folder', () => {
    expect(() => loadConfig('./env:GATEWAY_CONFIG', { GATEWAY_CONFIG: yaml })).toThrow('there is no such file');
  });
});

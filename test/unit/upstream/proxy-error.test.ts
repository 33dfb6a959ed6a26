import { failureText } from '../../../src/app/error-page';
import { failureTexts } from '../../../src/app/failure-advice';
import { ProxyError, type ProxyErrorCode } from '../../../src/upstream/proxy-error';
import { mountNamed } from '../portal/fixtures';

test.each(['R$&D2', '$$', "$'$`", '$1', '$<name>', '{name}', '\\'])(
  'a mount named %s is called so in every failure',
  (name) => {
    for (const code of Object.keys(failureTexts) as ProxyErrorCode[]) {
      const plain = new ProxyError(code, 'Tool');
      const error = new ProxyError(code, name);
      const named = (text: string) => text.split('Tool').join(name);
      expect(error.message).toBe(named(plain.message));
      const text = (of: ProxyError, called: string) =>
        JSON.stringify(failureText({ error: of, mount: mountNamed(called, '/m'), status: null }));
      expect(JSON.parse(text(error, name))).toEqual(
        JSON.parse(text(plain, 'Tool').split('Tool').join(JSON.stringify(name).slice(1, -1))),
      );
    }
  },
);

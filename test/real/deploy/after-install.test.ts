import { cpSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describeWith, run } from '../../support/deploy-tools';
import { startGateway, temporaryFolder } from '../../support/gateway';
import { chart, namespace, release, renderChart, valuesFile } from '../../support/manifests';
import { httpUpstream } from '../../support/upstreams';

describeWith(['helm'], 'after helm install', () => {
  describe('helm test', () => {
    /** What the test's pod runs, against another address. */
    async function helmTest(address: string) {
      const { command, args } = (await renderChart()).one('Pod').spec.containers[0];
      expect(args[1]).toBe(`https://${release}.${namespace}.svc:443/-/healthy`);
      expect(command).toEqual(['node', '-e']);
      return run(process.execPath, ['-e', args[0], address]);
    }

    it('passes where the gateway reaches its tools, and names the one that it does not reach', async () => {
      const tool = await httpUpstream((_req, res) => res.end('ok'));
      const reached = { path: '/good', name: 'Good', target: tool.url, health: '/healthy' };
      const away = { path: '/away', name: 'Away', target: 'http://127.0.0.1:1', health: '/healthy' };
      const health = { interval: '50ms', unhealthyAfter: 1 };
      const gateway = await startGateway({ health, mounts: [reached] });
      const other = await startGateway({ health, mounts: [reached, away] });
      try {
        await Promise.all([
          gateway.line(({ mount, state }) => mount === '/good' && state === 'healthy'),
          other.line(({ mount, state }) => mount === '/away' && state === 'unreachable'),
        ]);
        const good = await helmTest(`https://127.0.0.1:${gateway.httpsPort}/-/healthy`);
        expect(good).toEqual({ code: 0, stdout: '/good  Good: healthy\n', stderr: '' });
        const bad = await helmTest(`https://127.0.0.1:${other.httpsPort}/-/healthy`);
        expect(bad.stdout).toContain('/away  Away: unreachable');
        expect(bad).toMatchObject({ code: 1, stderr: 'The gateway serves, but not every tool: look at Away.\n' });
      } finally {
        await Promise.all([gateway.stop(), other.stop(), tool.close()]);
      }
      const gone = await helmTest(`https://127.0.0.1:${gateway.httpsPort}/-/healthy`);
      expect(gone).toMatchObject({ code: 1, stderr: expect.stringContaining('ECONNREFUSED') });
    });
  });

  describe('what it says at the end', () => {
    /** helm prints the notes only where there is a cluster, so a copy of the chart has them as an object. */
    const copy = path.join(temporaryFolder(), 'kpow-gateway');
    beforeAll(() => {
      cpSync(chart, copy, { recursive: true });
      cpSync(path.join(chart, 'templates', 'NOTES.txt'), path.join(copy, 'NOTES.txt'));
      writeFileSync(
        path.join(copy, 'templates', 'notes.yaml'),
        '{{ dict "kind" "Notes" "metadata" dict "text" (tpl (.Files.Get "NOTES.txt") .) | toJson }}',
      );
    });
    const notes = async (name: string): Promise<string> =>
      (await renderChart({ values: [valuesFile(name)], chart: copy })).one('Notes').text;

    it('is how to wait, open and test, and what is still to do', async () => {
      const text = await notes('defaults');
      expect(text).toContain('kubectl -n tools rollout status deployment/kpow-gateway\n');
      expect(text).toContain('set image.repository');
      expect(text).toContain(
        'kubectl -n tools port-forward service/kpow-gateway 8443:443\n     https://localhost:8443/\n',
      );
      expect(text).toContain('kPow at /kpow/.');
      expect(text).toContain('helm -n tools test kpow-gateway --logs\n');
      expect(text).toContain('self-signed');
    });
    it.each([
      ['ingress', 'https://tools.example.com/'],
      ['http-route', 'https://tools.example.com/'],
      ['openshift-reencrypt', 'https://tools.apps.example.com/'],
      ['openshift-edge', "get route kpow-gateway -o jsonpath='{.spec.host}'"],
      ['existing-secret', 'https on port 443 of the address that this shows'],
      ['no-https', 'port-forward service/kpow-gateway 8080:8080'],
    ])('says where it is: %s', async (name, where) => {
      expect(await notes(name)).toContain(where);
    });
    it('says how a renewed certificate and a changed ConfigMap reach the pods, as the README does', async () => {
      const restart = 'kubectl -n tools rollout restart deployment/kpow-gateway';
      const renewed = await notes('cert-manager');
      expect(renewed).toMatch(/certificate in the Secret kpow-gateway-tls [^]+Nothing has to be restarted\./);
      expect(renewed).not.toContain('rollout restart');
      const changed = await notes('existing-config-map');
      expect(changed).toMatch(/A change of the ConfigMap tools-gateway reaches the pods [^]+without a\s+restart/);
      expect(changed).toMatch(new RegExp(`what needs new\\s+pods, such as another port:\\s+${restart}\n`));
      expect(await notes('ingress')).not.toContain('rollout restart');
    });
  });
});

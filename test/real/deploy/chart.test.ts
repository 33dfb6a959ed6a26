import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { describeWith, runTool } from '../../support/deploy-tools';
import { chart, namespace, renderChart, valuesFile, valuesNames, Manifests } from '../../support/manifests';
import {
  expectConfigAndPodToAgree,
  expectKubernetesToTakeAll,
  expectRestrictedPods,
  expectSelectorsToMeanThePods,
  loadGatewayConfig,
} from './expectations';

const render = (name: string, set: Record<string, unknown> = {}) => renderChart({ values: [valuesFile(name)], set });
const read = (...file: string[]) => readFileSync(path.join(__dirname, '..', '..', '..', ...file), 'utf8');
const chartFile = (name: string) => readFileSync(path.join(chart, name), 'utf8');

describeWith(['helm'], 'what the chart makes of every values file', () => {
  const rendered = new Map<string, Manifests>();
  beforeAll(async () => {
    for (const name of valuesNames) rendered.set(name, await render(name));
  });
  const eachValuesFile = it.each(valuesNames.map((name) => [name, () => rendered.get(name)!] as const));

  eachValuesFile('passes helm lint: %s', async (name) => {
    const args = ['lint', chart, '--strict', '--kube-version', '1.30', '--values', valuesFile(name)];
    const { code, stdout, stderr } = await runTool('helm', args);
    expect(`${stdout}${stderr}`).toContain('0 chart(s) failed');
    expect(code).toBe(0);
  });
  eachValuesFile('runs as the restricted standards ask: %s', (_name, manifests) => expectRestrictedPods(manifests()));
  eachValuesFile("selects the gateway's pods, and not the test's: %s", (_name, manifests) =>
    expectSelectorsToMeanThePods(manifests()),
  );
  eachValuesFile('gives the gateway a configuration that fits the pod: %s', (name, manifests) => {
    if (name === 'existing-config-map') expect(manifests().all('ConfigMap')).toEqual([]);
    else expectConfigAndPodToAgree(manifests());
  });

  describeWith(['kubectl-validate'], 'is what Kubernetes takes', () => {
    it("by its own schemas and those of others' kinds", () => expectKubernetesToTakeAll(rendered));

    it('before 1.30 too, which has no sleep: Node waits instead', async () => {
      const manifests = await renderChart({ kubernetes: '1.28' });
      expect(manifests.container.lifecycle.preStop).toEqual({
        exec: { command: ['node', '-e', 'setTimeout(() => {}, 5000)'] },
      });
      await expectKubernetesToTakeAll(new Map([['old', manifests]]), '1.28');
    });

    it('and a mistake would be seen', async () => {
      const { text } = rendered.get('openshift-edge')!;
      const broken = new Manifests(
        text.replace('termination: edge', 'termination: edgy').replace('replicas:', 'copies:'),
      );
      const seen = expectKubernetesToTakeAll(new Map([['broken', broken]]));
      await expect(seen).rejects.toThrow(/spec\.copies[^]+spec\.tls\.termination/);
    });
  });
});

describeWith(['helm'], 'the chart', () => {
  it('makes no more than it has to, unless asked', async () => {
    const { kinds } = await render('defaults');
    expect(kinds).toEqual(['ConfigMap', 'Deployment', 'Pod', 'PodDisruptionBudget', 'Service', 'ServiceAccount']);
  });

  it('restarts a pod that does not serve, and sends nobody to one whose required tool is not healthy', async () => {
    const { container } = await render('defaults');
    expect(container.startupProbe.httpGet.path).toBe('/-/up');
    expect(container.livenessProbe.httpGet.path).toBe('/-/up');
    expect(container.readinessProbe.httpGet.path).toBe('/-/healthy');
    expect(loadGatewayConfig(await render('defaults')).mounts[0]?.required).toBe(false);
    const required = await renderChart({ set: { kpow: { required: true } } });
    expect(loadGatewayConfig(required).mounts[0]?.required).toBe(true);
  });

  it('makes new pods when the configuration changes, and only then', async () => {
    const checksum = async (set: Record<string, unknown>) =>
      (await renderChart({ set })).one('Deployment').spec.template.metadata.annotations['checksum/config'];
    const before = await checksum({});
    expect(before).toMatch(/^[0-9a-f]{64}$/);
    expect(await checksum({ replicaCount: 7, service: { annotations: { a: 'b' } } })).toBe(before);
    expect(await checksum({ config: { log: { level: 'debug' } } })).not.toBe(before);
    expect(await checksum({ kpow: { url: 'http://other:3000' } })).not.toBe(before);
  });

  it('lays config over what it makes of the other values', async () => {
    const config = loadGatewayConfig(await render('full'));
    expect(config.mounts.map(({ path, target }) => [path, target.authority])).toEqual([
      ['/kpow', 'kpow.kafka:3000'],
      ['/grafana', 'grafana:3000'],
    ]);
    expect(config.portal.title).toBe('Kafka tools');
    expect(config.log.format).toBe('json');
    expect(config.drain.timeout).toBe(120_000);
    const { listen } = loadGatewayConfig(await render('existing-secret'));
    expect(listen).toMatchObject({ https: { port: 8443, publicPort: 443 }, keepAlive: 90_000 });
  });

  it('names the whole grace period of a long drain', async () => {
    const { pod, container } = await render('full');
    expect(container.lifecycle.preStop.sleep.seconds).toBe(15);
    expect(pod.terminationGracePeriodSeconds).toBe(140);
  });

  it('puts everything that pods can be given into the pod', async () => {
    const { pod, container, objects } = await render('full');
    expect(container.image).toMatch(/^registry\.example\.com\/team\/kpow-gateway@sha256:0123/);
    expect(container.env).toEqual([
      { name: 'KPOW_URL', value: 'http://kpow.kafka:3000' },
      { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'tools', key: 'token' } } },
      { name: 'WORKERS', value: '1' },
    ]);
    expect(container.envFrom).toEqual([
      { configMapRef: { name: 'tools-env' } },
      { secretRef: { name: 'tools-secrets' } },
    ]);
    expect(container.volumeMounts).toContainEqual({ name: 'authority', mountPath: '/authority', readOnly: true });
    expect(pod).toMatchObject({
      serviceAccountName: 'tools',
      imagePullSecrets: [{ name: 'registry-login' }],
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      tolerations: [{ key: 'edge' }],
      priorityClassName: 'important',
      topologySpreadConstraints: [{ labelSelector: { matchLabels: { 'app.kubernetes.io/name': 'tools' } } }],
    });
    for (const { kind, metadata } of objects) {
      expect(metadata.namespace).toBe(namespace);
      expect(metadata.name).toMatch(/^team-tools/);
      if (kind !== 'Pod') expect(metadata.labels.team).toBe('streaming');
    }
  });

  // helm has numbers of a values file as floating point, which Go writes as 1e+07; --set gives whole numbers.
  it('writes numbers with all their digits', async () => {
    const given = {
      MAX: 10_000_000,
      NEGATIVE: -12_345_678,
      EXACT: 2 ** 53 - 1,
      PART: 0.000001,
      FLAG: true,
      TEXT: '1e+07',
    };
    const values = {
      env: given,
      replicaCount: 1_000_000,
      minReadySeconds: 2_000_000,
      revisionHistoryLimit: 3_000_000,
      probes: { startup: { periodSeconds: 4_000_000, timeoutSeconds: 5_000_000, failureThreshold: 6_000_000 } },
      drain: { preStopSeconds: 7_000_000, timeoutSeconds: 8_000_000 },
      podDisruptionBudget: { maxUnavailable: 9_000_000 },
      config: { limits: { body: 10_000_000, head: 2_000_000 } },
    };
    const manifests = await renderChart({ set: values });
    expect(manifests.text.replace('value: "1e+07"', '')).not.toMatch(/\de[+-]\d/i);
    const { container, pod } = manifests;
    expect(Object.fromEntries(container.env.map(({ name, value }: Record<string, string>) => [name, value]))).toEqual(
      Object.fromEntries(Object.entries({ ...given, PART: '0.000001' }).map(([name, value]) => [name, String(value)])),
    );
    expect(manifests.one('Deployment').spec).toMatchObject({
      replicas: 1_000_000,
      minReadySeconds: 2_000_000,
      revisionHistoryLimit: 3_000_000,
    });
    expect(container.startupProbe).toMatchObject(values.probes.startup);
    expect(container.lifecycle.preStop.sleep.seconds).toBe(7_000_000);
    expect(pod.terminationGracePeriodSeconds).toBe(15_000_005);
    expect(manifests.one('PodDisruptionBudget').spec.maxUnavailable).toBe(9_000_000);
    expect(parse(manifests.gatewayFile).limits).toEqual(values.config.limits);

    const autoscaling = {
      enabled: true,
      minReplicas: 1_000_000,
      maxReplicas: 2_000_000,
      targetCPUUtilizationPercentage: 3_000_000,
    };
    const { spec } = (await renderChart({ set: { autoscaling } })).one('HorizontalPodAutoscaler');
    expect(spec).toMatchObject({ minReplicas: 1_000_000, maxReplicas: 2_000_000 });
    expect(spec.metrics[0].resource.target.averageUtilization).toBe(3_000_000);
  });

  // YAML reads 2024 and 1e3 as numbers, 0x10 as 16 and ON as true, and Kubernetes refuses a name that is no text.
  it('leaves names texts that look like something else', async () => {
    const looks = ['2024', '1e3', '0x10', '0o7', '1E5', 'true', 'null', '1.5', '.5'];
    const manifests = await renderChart({
      set: {
        fullnameOverride: looks[0],
        existingConfigMap: looks[1],
        envFromConfigMap: looks[2],
        envFromSecret: looks[3],
        priorityClassName: looks[4],
        serviceAccount: { name: looks[5] },
        tls: { secretName: looks[6] },
        env: { NAME: looks[7] },
        service: { type: 'LoadBalancer', loadBalancerClass: looks[8] },
        route: { enabled: true, host: '*.apps.example.com', termination: 'passthrough' },
        metrics: { enabled: true, serviceMonitor: { enabled: true }, prometheusRule: { enabled: true } },
        networkPolicy: { enabled: true },
      },
    });
    const { pod, container } = manifests;
    const volume = (name: string) => pod.volumes.find((each: { name: string }) => each.name === name);
    expect([
      manifests.one('Deployment').metadata.name,
      volume('config').configMap.name,
      container.envFrom[0].configMapRef.name,
      container.envFrom[1].secretRef.name,
      pod.priorityClassName,
      pod.serviceAccountName,
      volume('certs').secret.secretName,
      container.env[0].value,
      manifests.one('Service', looks[0]).spec.loadBalancerClass,
    ]).toEqual(looks);
    expect(manifests.text).toContain('- name: "NAME"\n');
    expect(manifests.one('Route').spec).toMatchObject({ host: '*.apps.example.com', to: { name: looks[0] } });
    for (const { metadata } of manifests.objects) expect(typeof metadata.name).toBe('string');
  });

  describe('certificates', () => {
    const certs = async (name: string) =>
      (await render(name)).pod.volumes.find((volume: { name: string }) => volume.name === 'certs');

    it('are self-signed in a folder of the pod when none is given', async () => {
      expect(await certs('defaults')).toEqual({ name: 'certs', emptyDir: { sizeLimit: '1Mi' } });
    });
    it('come from a Secret of yours', async () => {
      expect(await certs('existing-secret')).toEqual({ name: 'certs', secret: { secretName: 'tools-tls' } });
    });
    it('come from the Secret that cert-manager writes', async () => {
      const { spec } = (await render('cert-manager')).one('Certificate');
      expect(await certs('cert-manager')).toEqual({ name: 'certs', secret: { secretName: spec.secretName } });
      expect(spec).toMatchObject({ issuerRef: { kind: 'ClusterIssuer', name: 'letsencrypt' }, renewBefore: '720h' });
    });
    it("come from the Secret that OpenShift writes for a re-encrypting route's Service", async () => {
      const { annotations } = (await render('openshift-reencrypt')).one('Service').metadata;
      const secretName = annotations['service.beta.openshift.io/serving-cert-secret-name'];
      expect(secretName).toBe('kpow-gateway-serving-cert');
      expect(await certs('openshift-reencrypt')).toEqual({ name: 'certs', secret: { secretName } });
    });
    it('are nowhere without HTTPS', async () => {
      expect(await certs('no-https')).toBeUndefined();
    });
  });

  describe('what is in front', () => {
    it('is believed when it ends TLS, and nobody is otherwise', async () => {
      const trusted = async (name: string) => loadGatewayConfig(await render(name)).trustedProxies;
      expect(await trusted('defaults')).toEqual([]);
      expect(await trusted('openshift-passthrough')).toEqual([]);
      for (const name of ['ingress', 'http-route', 'openshift-edge', 'openshift-reencrypt'])
        expect(await trusted(name)).toEqual(['uniquelocal']);
      expect(await trusted('ingress-reencrypt')).toEqual(['10.42.0.0/16']);
    });

    it('is an Ingress that leads to the port that serves', async () => {
      const { spec } = (await render('ingress')).one('Ingress');
      expect(spec.ingressClassName).toBe('nginx');
      expect(spec.tls).toEqual([{ hosts: ['tools.example.com'], secretName: 'tools-tls' }]);
      expect(spec.rules).toEqual([
        {
          host: 'tools.example.com',
          http: {
            paths: [
              { path: '/', pathType: 'Prefix', backend: { service: { name: 'kpow-gateway', port: { name: 'http' } } } },
            ],
          },
        },
      ]);
      const again = (await render('ingress-reencrypt')).one('Ingress').spec.rules[0].http.paths;
      expect(again.map(({ path }: { path: string }) => path)).toEqual(['/kpow', '/grafana']);
      expect(again[0].backend.service.port).toEqual({ name: 'https' });
    });

    it('is an HTTPRoute of a Gateway', async () => {
      const { spec } = (await render('http-route')).one('HTTPRoute');
      expect(spec.parentRefs).toEqual([{ name: 'public', namespace: 'gateways', sectionName: 'https' }]);
      expect(spec.rules[0].backendRefs).toEqual([{ name: 'kpow-gateway', port: 80 }]);
    });

    it('is a Route of each kind', async () => {
      const route = async (name: string) => (await render(name)).one('Route').spec;
      expect(await route('openshift-reencrypt')).toMatchObject({
        host: 'tools.apps.example.com',
        port: { targetPort: 'https' },
        tls: { termination: 'reencrypt', insecureEdgeTerminationPolicy: 'Redirect' },
      });
      expect((await route('openshift-reencrypt-own-certificate')).tls.destinationCACertificate).toMatch(
        /^-----BEGIN CERTIFICATE-----\n[^]+-----END CERTIFICATE-----\n$/,
      );
      expect(await route('openshift-edge')).toMatchObject({
        port: { targetPort: 'http' },
        tls: { termination: 'edge' },
      });
      expect(await route('openshift-passthrough')).toMatchObject({
        port: { targetPort: 'https' },
        tls: { termination: 'passthrough', insecureEdgeTerminationPolicy: 'None' },
      });
    });

    it('sees the port of the node, where that is how people come', async () => {
      expect(loadGatewayConfig(await render('cert-manager')).listen.https?.publicPort).toBe(30443);
    });
  });

  it('leaves the number of pods to the autoscaler', async () => {
    const manifests = await render('autoscaled');
    expect(manifests.one('Deployment').spec).not.toHaveProperty('replicas');
    const { spec } = manifests.one('HorizontalPodAutoscaler');
    expect(spec).toMatchObject({ minReplicas: 2, maxReplicas: 12, scaleTargetRef: { name: 'kpow-gateway' } });
    expect(spec.metrics.map(({ resource }: { resource: { name: string } }) => resource.name)).toEqual([
      'cpu',
      'memory',
    ]);
    expect(manifests.one('PodDisruptionBudget').spec).toMatchObject({ minAvailable: '50%' });
  });

  it('uses a ConfigMap of yours instead of its own', async () => {
    const manifests = await render('existing-config-map');
    expect(manifests.all('ConfigMap')).toEqual([]);
    expect(manifests.pod.volumes[0]).toEqual({ name: 'config', configMap: { name: 'tools-gateway' } });
    expect(manifests.one('Deployment').spec.template.metadata).not.toHaveProperty('annotations');
    expect(manifests.one('Deployment').metadata.annotations).toEqual({
      'configmap.reloader.stakater.com/reload': 'tools-gateway',
    });
  });

  it('shows metrics to Prometheus, and not where people come in', async () => {
    const manifests = await render('metrics');
    const names = ({ spec }: { spec: { ports: { name: string }[] } }) => spec.ports.map(({ name }) => name);
    expect(names(manifests.one('Service', 'kpow-gateway'))).toEqual(['https', 'http']);
    const metrics = manifests.one('Service', 'kpow-gateway-metrics');
    expect(metrics.spec).toMatchObject({ type: 'ClusterIP', ports: [{ name: 'metrics', port: 9465 }] });
    expect(parse(manifests.gatewayFile).metrics).toEqual({ port: 9465 });

    const { spec, metadata } = manifests.one('ServiceMonitor');
    expect(metadata.labels.release).toBe('prometheus');
    expect(metrics.metadata.labels).toMatchObject(spec.selector.matchLabels);
    expect(manifests.one('Service', 'kpow-gateway').metadata.labels).not.toMatchObject(spec.selector.matchLabels);
    expect(spec.endpoints).toEqual([{ port: 'metrics', path: '/metrics', interval: '30s', scrapeTimeout: '10s' }]);

    expect(manifests.one('NetworkPolicy').spec.ingress).toEqual([
      { ports: [{ port: 'https' }, { port: 'http' }] },
      { ports: [{ port: 'metrics' }], from: [{ namespaceSelector: {} }] },
    ]);
  });

  it('brings the alert rules, one for the release and those of yours; or not the first', async () => {
    const groups = (await render('metrics')).one('PrometheusRule').spec.groups;
    const { groups: shipped } = parse(read('deploy', 'observability', 'alerts.yaml'));
    expect(groups.slice(0, -1)).toEqual(shipped);
    const alerts = ({ rules }: { rules: { alert: string }[] }) => rules.map(({ alert }) => alert);
    expect(alerts(groups.at(-1))).toEqual(['KpowGatewayUnavailable', 'PodRestarts']);
    const own = await render('metrics', { metrics: { prometheusRule: { alerts: false } } });
    expect(own.one('PrometheusRule').spec.groups).toEqual(groups.slice(-1));
  });

  it('closes the network to all but those named, its own test and DNS', async () => {
    const manifests = await render('full');
    const { spec } = manifests.one('NetworkPolicy');
    expect(spec.policyTypes).toEqual(['Ingress', 'Egress']);
    expect(spec.ingress[0].from).toEqual([
      { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ingress' } } },
      { podSelector: { matchLabels: manifests.one('Pod').metadata.labels } },
    ]);
    // 5353 is where OpenShift's DNS pods listen, which is what a policy sees of a connection to port 53 of their Service.
    expect(spec.egress[0]).toEqual({
      ports: [53, 5353].flatMap((port) => ['UDP', 'TCP'].map((protocol) => ({ port, protocol }))),
    });
    expect(spec.egress[1].to).toEqual([{ podSelector: { matchLabels: { app: 'kpow' } } }]);
  });
});

describe('the files of the chart', () => {
  it('have the alert rules as they are checked', () => {
    expect(chartFile('files/alerts.yaml')).toBe(read('deploy', 'observability', 'alerts.yaml'));
  });

  it("have the gateway's version", () => {
    const { version } = JSON.parse(read('package.json'));
    expect(parse(chartFile('Chart.yaml'))).toMatchObject({ version, appVersion: version });
    const { images } = parse(read('deploy', 'kubernetes', 'base', 'kustomization.yaml'));
    expect(images[0].newTag).toBe(version);
  });

  /** The paths of all keys, where a mapping has keys of its own. */
  function paths(value: unknown, children: (node: never) => Record<string, unknown> | undefined, at = ''): string[] {
    return Object.entries(children(value as never) ?? {}).flatMap(([key, child]) => [
      `${at}${key}`,
      ...paths(child, children, `${at}${key}.`),
    ]);
  }

  it('have a schema that knows every value, and no other', () => {
    const schema = JSON.parse(chartFile('values.schema.json'));
    const values = parse(chartFile('values.yaml'));
    interface Node {
      readonly properties?: Record<string, unknown>;
      readonly $ref?: string;
    }
    const known = paths(
      schema,
      (node: Node) => node.properties ?? schema.$defs[node.$ref?.split('/').at(-1) ?? '']?.properties,
    );
    const isMapping = (node: unknown): node is Record<string, unknown> =>
      typeof node === 'object' && node !== null && !Array.isArray(node);
    // Free mappings, whose keys the schema leaves open.
    const open = /^(resources|strategy|podSecurityContext|securityContext|route\.annotations)\./;
    const given = paths(values, (node: unknown) => (isMapping(node) ? node : undefined)).filter(
      (name) => !open.test(name),
    );
    expect(given.toSorted()).toEqual(known.filter((name) => name !== 'global').toSorted());
  });

  it('have a README that tells of every group of values', () => {
    const readme = chartFile('README.md');
    const rows = readme.split('## Values')[1]?.match(/^\| `.*?` \|/gm) ?? [];
    const told = rows.flatMap((row) => [...row.matchAll(/`(\w+)`/g)].map(([, name]) => name));
    expect(told.toSorted()).toEqual(Object.keys(parse(chartFile('values.yaml'))).toSorted());
  });
});

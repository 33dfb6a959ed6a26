import { describeWith } from '../../support/deploy-tools';
import { buildKustomization, kustomizations, renderChart, valuesFile, type Manifests } from '../../support/manifests';
import {
  expectConfigAndPodToAgree,
  expectKubernetesToTakeAll,
  expectRestrictedPods,
  expectSelectorsToMeanThePods,
  loadGatewayConfig,
} from './expectations';

describeWith(['kustomize'], 'every kustomization', () => {
  const built = new Map<string, Manifests>();
  beforeAll(async () => {
    for (const folder of kustomizations) built.set(folder, await buildKustomization(folder));
  });
  const each = it.each(kustomizations.map((folder) => [folder, () => built.get(folder)!] as const));

  each('runs as the restricted standards ask: %s', (_folder, manifests) => expectRestrictedPods(manifests()));
  each("selects the gateway's pods: %s", (_folder, manifests) => expectSelectorsToMeanThePods(manifests()));
  each('gives the gateway a configuration that fits the pod: %s', (_folder, manifests) =>
    expectConfigAndPodToAgree(manifests()),
  );
  each(
    'makes new pods when the configuration changes, its ConfigMap being named by its content: %s',
    (_folder, make) => {
      const manifests = make();
      const { name } = manifests.one('ConfigMap').metadata;
      expect(name).toMatch(/^kpow-gateway-[a-z0-9]{10}$/);
      expect(manifests.pod.volumes).toContainEqual({ name: 'config', configMap: { name } });
    },
  );

  describeWith(['kubectl-validate'], 'is what Kubernetes takes', () => {
    it("by its own schemas and those of others' kinds", () => expectKubernetesToTakeAll(built));
  });
});

/** What both say, with the chart's own names for the same things. */
function comparable(manifests: Manifests) {
  const { spec } = manifests.one('Deployment');
  const { template, ...deployment } = spec;
  const own = new Set(['metadata', 'volumes']);
  const pod = Object.fromEntries(Object.entries(template.spec).filter(([key]) => !own.has(key)));
  const volumes = template.spec.volumes.map(({ name, configMap, ...volume }: { name: string; configMap?: object }) => ({
    name,
    kind: configMap === undefined ? volume : 'ConfigMap',
  }));
  const specOf = (kind: string) => manifests.all(kind).map((object) => object.spec);
  return {
    deployment,
    pod,
    volumes,
    services: specOf('Service'),
    budgets: specOf('PodDisruptionBudget'),
    ingresses: specOf('Ingress'),
    autoscalers: specOf('HorizontalPodAutoscaler'),
    account: manifests.one('ServiceAccount').automountServiceAccountToken,
  };
}

describeWith(['kustomize', 'helm'], 'the chart and the plain manifests', () => {
  it.each([
    ['kubernetes/base', 'defaults', {}],
    ['kubernetes/overlays/ingress', 'ingress', {}],
    ['kubernetes/overlays/autoscaling', 'defaults', { autoscaling: { enabled: true } }],
    ['openshift/edge', 'openshift-edge', {}],
  ])('say the same: %s and %s', async (folder, values, set) => {
    const plain = await buildKustomization(folder);
    const chart = await renderChart({ values: [valuesFile(values)], set });
    expect(comparable(plain)).toEqual(comparable(chart));
    const { mounts, ...config } = loadGatewayConfig(plain);
    const { mounts: chartMounts, ...chartConfig } = loadGatewayConfig(chart);
    expect(config).toEqual(chartConfig);
    expect(mounts).toEqual(chartMounts);
  });

  it('have the same Routes', async () => {
    for (const termination of ['edge', 'reencrypt']) {
      const plain = (await buildKustomization(`openshift/${termination}`)).one('Route');
      const set = { route: { enabled: true, host: '', termination }, tls: { enabled: termination !== 'edge' } };
      const chart = (await renderChart({ set })).one('Route');
      expect(plain.spec).toEqual(chart.spec);
      expect(plain.metadata.annotations).toEqual(chart.metadata.annotations);
    }
  });
});

describeWith(['kustomize'], 'the overlays', () => {
  const certs = (manifests: Manifests) => manifests.pod.volumes.find(({ name }: { name: string }) => name === 'certs');

  it('put a certificate of a Secret where the self-signed one was', async () => {
    const secret = { name: 'certs', secret: { secretName: 'kpow-gateway-tls' } };
    expect(certs(await buildKustomization('kubernetes/overlays/tls-secret'))).toEqual(secret);
    const managed = await buildKustomization('kubernetes/overlays/cert-manager');
    expect(certs(managed)).toEqual(secret);
    expect(managed.one('Certificate').spec.secretName).toBe('kpow-gateway-tls');
  });

  it("have OpenShift write the certificate that a re-encrypting route's pods serve with", async () => {
    const manifests = await buildKustomization('openshift/reencrypt');
    const name = manifests.one('Service').metadata.annotations['service.beta.openshift.io/serving-cert-secret-name'];
    expect(certs(manifests).secret.secretName).toBe(name);
  });

  it('let Prometheus find the Service with the metrics, and only that', async () => {
    const manifests = await buildKustomization('kubernetes/overlays/prometheus-operator');
    const { matchLabels } = manifests.one('ServiceMonitor').spec.selector;
    const found = manifests
      .all('Service')
      .filter(({ metadata }) =>
        Object.entries(matchLabels as Record<string, string>).every(
          ([label, value]) => metadata.labels[label] === value,
        ),
      );
    expect(found.map(({ metadata }) => metadata.name)).toEqual(['kpow-gateway-metrics']);
  });
});

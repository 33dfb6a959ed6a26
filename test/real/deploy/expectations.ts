import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { loadConfig } from '../../../src/config/load';
import { configWarnings } from '../../../src/config/warnings';
import { schemaProblems } from '../../support/deploy-tools';
import { temporaryFolder } from '../../support/gateway';
import type { Manifests } from '../../support/manifests';

/** What has to hold of all that anybody applies, whatever made it. */

/** Kubernetes' schemas, and those of others' kinds, have nothing against any of them. */
export async function expectKubernetesToTakeAll(
  manifests: ReadonlyMap<string, Manifests>,
  version?: string,
): Promise<void> {
  expect(manifests.size).toBeGreaterThan(0);
  const folder = temporaryFolder();
  for (const [name, { text }] of manifests) writeFileSync(path.join(folder, `${name.replaceAll('/', '-')}.yaml`), text);
  expect(await schemaProblems(folder, version)).toBe('');
}

/** The gateway takes its file, without a warning; with the variables that the pod has. */
export function loadGatewayConfig(manifests: Manifests) {
  const file = path.join(temporaryFolder(), 'gateway.yaml');
  writeFileSync(file, manifests.gatewayFile);
  const variables: { name: string; value?: string }[] = manifests.container.env ?? [];
  const config = loadConfig(file, Object.fromEntries(variables.map(({ name, value }) => [name, value])));
  expect(configWarnings(config)).toEqual([]);
  return config;
}

/** What the container, its probes and the Services say of ports and files is what the gateway does. */
export function expectConfigAndPodToAgree(manifests: Manifests): void {
  const { listen, drain, metrics } = loadGatewayConfig(manifests);
  const { pod, container } = manifests;

  const ports = new Map<string, number>(
    container.ports.map(({ name, containerPort }: { name: string; containerPort: number }) => [name, containerPort]),
  );
  expect(ports.get('https')).toBe(listen.https?.port);
  expect(ports.get('http')).toBe(listen.http?.port);
  expect(ports.get('metrics')).toBe(metrics?.own?.port);
  for (const service of manifests.all('Service'))
    for (const { targetPort } of service.spec.ports) expect([...ports.keys()]).toContain(targetPort);

  const serving = listen.https === null ? { port: 'http', scheme: 'HTTP' } : { port: 'https', scheme: 'HTTPS' };
  for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe'])
    expect(container[probe].httpGet).toMatchObject(serving);

  const folders: string[] = container.volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath);
  expect(folders).toContain(path.dirname(container.args[2]));
  if (listen.https === null) expect(folders).not.toContain('/certs');
  else for (const file of [listen.https.cert, listen.https.key]) expect(folders).toContain(path.dirname(file));

  const wait: number = container.lifecycle.preStop.sleep.seconds;
  expect(pod.terminationGracePeriodSeconds * 1000).toBeGreaterThan(wait * 1000 + drain.timeout);
}

/** The restricted Pod Security Standard, and OpenShift's restricted-v2: no user of our own choice. */
export function expectRestrictedPods(manifests: Manifests): void {
  const pods = [...manifests.all('Deployment').map(({ spec }) => spec.template), ...manifests.all('Pod')];
  for (const { spec } of pods) {
    expect(spec.automountServiceAccountToken).toBe(false);
    expect(spec.securityContext).toEqual({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    for (const container of spec.containers)
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    for (const volume of spec.volumes ?? []) expect(volume).not.toHaveProperty('hostPath');
  }
}

/** Services, budgets and policies mean the gateway's pods, and no other. */
export function expectSelectorsToMeanThePods(manifests: Manifests): void {
  const { spec } = manifests.one('Deployment');
  const labels: Record<string, string> = spec.template.metadata.labels;
  const selectors = [
    spec.selector.matchLabels,
    ...manifests.all('Service').map((service) => service.spec.selector),
    ...manifests.all('PodDisruptionBudget').map((budget) => budget.spec.selector.matchLabels),
    ...manifests.all('NetworkPolicy').map((policy) => policy.spec.podSelector.matchLabels),
    ...(spec.template.spec.topologySpreadConstraints ?? []).map(
      (constraint: { labelSelector: { matchLabels: unknown } }) => constraint.labelSelector.matchLabels,
    ),
  ];
  for (const selector of selectors) {
    expect(labels).toMatchObject(selector);
    for (const pod of manifests.all('Pod')) expect(pod.metadata.labels).not.toMatchObject(selector);
  }
}

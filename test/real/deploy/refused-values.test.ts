import { describeWith } from '../../support/deploy-tools';
import { helmTemplate } from '../../support/manifests';

describeWith(['helm'], 'the chart refuses', () => {
  const enabled = { enabled: true };
  it.each<[string, Record<string, unknown>, string[]]>([
    ['an unknown key', { replicas: 2 }, ["additional properties 'replicas' not allowed"]],
    [
      'a misspelt key further down',
      { tls: { secret: 'x' } },
      ["at '/tls': additional properties 'secret' not allowed"],
    ],
    ['text for a number', { replicaCount: 'two' }, ["at '/replicaCount': got string, want integer"]],
    ['a path without its slash', { kpow: { path: 'kpow' } }, ["at '/kpow/path': 'kpow' does not match pattern '^/'"]],
    ['a tool without a scheme', { kpow: { url: 'kpow:3000' } }, ["at '/kpow/url': 'kpow:3000' does not match pattern"]],
    [
      'no tool',
      { kpow: { url: '' } },
      ['kpow.url: is empty, and config.mounts too, so there is no tool; write one such as http://kpow:3000'],
    ],
    [
      'two configurations',
      { existingConfigMap: 'mine', config: { log: { level: 'debug' } } },
      ['config: is not used with existingConfigMap; write it there, or take one of the two out'],
    ],
    [
      'what the chart writes itself',
      { config: { drain: { timeout: '5s' }, listen: { https: { port: 9 }, http: 'off' } } },
      [
        'config.drain: the chart writes this; set drain.timeoutSeconds',
        'config.listen.https.port: the chart writes this; set tls and service',
        'config.listen.http: the chart writes this; set tls.enabled and service.httpPort',
      ],
    ],
    [
      'a certificate that each pod would order',
      { config: { listen: { https: { acme: { domains: ['tools.example.com'], termsOfServiceAgreed: true } } } } },
      ['config.listen.https.acme: pods have no folder that they share for it; set tls.certManager'],
    ],
    [
      'an Ingress without a host',
      { tls: { enabled: false }, ingress: enabled },
      ['ingress.hosts: is empty; write one such as [{ host: tools.example.com }]'],
    ],
    [
      'an Ingress that would speak plain HTTP to the HTTPS port',
      { ingress: { enabled: true, hosts: [{ host: 'a.example' }] } },
      [
        "tls.enabled: ingress does TLS and would speak plain HTTP to the gateway's HTTPS port; set tls.enabled: false, or tls.reencrypt: true once it speaks HTTPS to its backends",
      ],
    ],
    [
      'a certificate for another host',
      {
        tls: { enabled: false },
        ingress: { enabled: true, hosts: [{ host: 'a.example' }], tls: [{ hosts: ['b.example'] }] },
      },
      ['ingress.tls[0].hosts: b.example is not in ingress.hosts; add it there'],
    ],
    [
      'an HTTPRoute without a Gateway and a name',
      { tls: { enabled: false }, httpRoute: enabled },
      [
        'httpRoute.parentRefs: is empty; write your Gateway, such as [{ name: public, namespace: gateways }]',
        'httpRoute.hostnames: is empty; write one such as [tools.example.com]',
      ],
    ],
    [
      'cert-manager without an issuer and a name',
      { tls: { certManager: enabled } },
      [
        'tls.certManager.issuerRef.name: is missing; write the name of your Issuer or ClusterIssuer',
        'tls.certManager.dnsNames: is empty; write the names that people use, such as [tools.example.com]',
      ],
    ],
    [
      'two certificates',
      {
        tls: {
          secretName: 'x',
          certManager: { enabled: true, issuerRef: { name: 'issuer' }, dnsNames: ['z.example'] },
        },
      },
      ['tls: secretName and certManager.enabled are both set; choose one'],
    ],
    [
      'a certificate that nothing uses',
      { tls: { enabled: false, secretName: 'x' } },
      [
        'tls.enabled: is false, and the certificate would not be used; set it to true, or take tls.secretName and tls.certManager out',
      ],
    ],
    [
      'a Service without a port',
      { tls: { enabled: false }, service: { httpPort: 0 } },
      ['service.httpPort: is 0, and tls is off, so the Service would have no port; write one such as 80'],
    ],
    [
      'one port for two',
      { service: { port: 80 } },
      ['service.httpPort: 80 is service.port too; give each a port of its own'],
    ],
    [
      'an edge route to HTTPS',
      { route: { enabled: true, termination: 'edge' } },
      ['route.termination: edge speaks plain HTTP to the gateway; set tls.enabled: false, or write reencrypt'],
    ],
    [
      'a re-encrypting route to plain HTTP',
      { tls: { enabled: false }, route: enabled },
      ["route.termination: reencrypt needs the gateway's own TLS; set tls.enabled: true, or write edge"],
    ],
    [
      'a certificate that the router cannot trust',
      { tls: { secretName: 'x' }, route: enabled },
      [
        "route.destinationCACertificate: is empty, and the router would not trust a certificate that is not OpenShift's; write its authority, or take tls.secretName and tls.certManager out",
      ],
    ],
    [
      'an unknown termination',
      { route: { termination: 're-encrypt' } },
      ["at '/route/termination': value must be one of 'reencrypt', 'edge', 'passthrough'"],
    ],
    [
      'an autoscaler with its bounds swapped',
      { autoscaling: { enabled: true, minReplicas: 9 } },
      ['autoscaling.minReplicas: 9 is more than maxReplicas, 6; write at most that'],
    ],
    [
      'an autoscaler with nothing to go by',
      { autoscaling: { enabled: true, targetCPUUtilizationPercentage: 0 } },
      ['autoscaling: has no target; set targetCPUUtilizationPercentage'],
    ],
    [
      'an autoscaler without requests',
      { autoscaling: enabled, resources: { requests: { cpu: null } } },
      ['resources.requests.cpu: is missing, and autoscaling counts in percent of it; write it'],
    ],
    [
      'a budget with two bounds',
      { podDisruptionBudget: { minAvailable: 1 } },
      ['podDisruptionBudget: minAvailable and maxUnavailable are both set; empty one of them ("")'],
    ],
    [
      'a budget without one',
      { podDisruptionBudget: { maxUnavailable: '' } },
      ['podDisruptionBudget: minAvailable and maxUnavailable are both empty; set one of them'],
    ],
    [
      'a monitor of nothing',
      { metrics: { serviceMonitor: enabled } },
      ['metrics.serviceMonitor.enabled: there are no metrics to go by; set metrics.enabled: true'],
    ],
    [
      'alerts on what nothing scrapes, which would fire for ever',
      { metrics: { enabled: true, prometheusRule: enabled } },
      [
        'metrics.prometheusRule.enabled: without metrics.serviceMonitor nothing tells Prometheus to scrape the gateway, and its alerts would fire for ever; set metrics.serviceMonitor.enabled: true, or take this out and load deploy/observability/alerts.yaml where you scrape the gateway yourself',
      ],
    ],
    [
      'numbers for variables whose digits are lost',
      { env: { ID: 2 ** 53, HUGE: 1e22, LOW: -1e17, SMALL: 0.0000001 } },
      ['ID', 'HUGE', 'LOW', 'SMALL'].map(
        (name) => `env.${name}: is a number whose digits YAML does not keep; write it in quotes`,
      ),
    ],
    [
      'alert rules that would not find the gateway',
      { nameOverride: 'front', metrics: { enabled: true, serviceMonitor: enabled, prometheusRule: enabled } },
      [
        'metrics.prometheusRule.alerts: they know the gateway by a job whose name contains kpow-gateway, which nameOverride takes away; take nameOverride out, or set alerts: false',
      ],
    ],
    [
      'a taken port for metrics',
      { metrics: { enabled: true, port: 8443 } },
      ['metrics.port: 8443 is taken by the gateway itself; write another'],
    ],
  ])('%s', async (_what, set, sentences) => {
    const { code, stdout, stderr } = await helmTemplate({ set });
    expect(code).toBe(1);
    expect(stdout).not.toContain('kind:');
    for (const sentence of sentences) expect(stderr).toContain(sentence);
  });
});

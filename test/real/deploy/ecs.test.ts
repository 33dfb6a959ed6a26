import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import type { Config } from '../../../src/config/config';
import { resolveConfig } from '../../../src/config/load';
import { configWarnings } from '../../../src/config/warnings';
import { readTemplate, substitute, type Fields } from '../../support/cloudformation';
import { temporaryFolder } from '../../support/gateway';

const folder = path.join(__dirname, '../../../deploy/ecs');
const twoServices = path.join(folder, 'kpow-gateway.yaml');
const oneTask = path.join(folder, 'kpow-gateway-one-task.yaml');
const templates = [twoServices, oneTask];
const taskDefinition = path.join(folder, 'task-definition.json');
const base = (file: string) => path.basename(file);

/** Exit code and output. */
function run(command: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, AWS_DEFAULT_REGION: 'eu-west-1' },
  });
  return { status, said: `${stderr}${stdout}`.trim() };
}
/** A suite that needs a program; without it, skipped by name. */
const withProgram = (name: string, there: boolean) =>
  [there ? describe : describe.skip, there ? name : `${name} (skipped: ${name} is not installed)`] as const;

const spoilt = (name: string, text: string) => {
  const file = path.join(temporaryFolder(), name);
  writeFileSync(file, text);
  return file;
};

const [lintSuite, lintName] = withProgram('cfn-lint', run('cfn-lint', '--version').status === 0);
lintSuite(lintName, () => {
  test.each(templates.map((file) => [base(file), file]))('has nothing to say of %s', (_, file) => {
    expect(run('cfn-lint', '--', file)).toEqual({ status: 0, said: '' });
  });

  test('has nothing to say of the task definition, as CloudFormation spells it', () => {
    const Properties = capitalised(JSON.parse(readFileSync(taskDefinition, 'utf8')));
    const template = { Resources: { Task: { Type: 'AWS::ECS::TaskDefinition', Properties } } };
    expect(run('cfn-lint', '--', spoilt('task.json', JSON.stringify(template)))).toEqual({ status: 0, said: '' });
  });

  test('does find a value that AWS would refuse', () => {
    const wrong = readFileSync(twoServices, 'utf8').replace('NetworkMode: awsvpc', 'NetworkMode: aws-vpc');
    const { status, said } = run('cfn-lint', '--', spoilt('wrong.yaml', wrong));
    expect(status).not.toBe(0);
    expect(said).toContain('aws-vpc');
  });
});

/** Keys of the API as CloudFormation writes them; those of free maps (`options`) stay as they are. */
function capitalised(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(capitalised);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key.charAt(0).toUpperCase() + key.slice(1),
      key === 'options' ? item : capitalised(item),
    ]),
  );
}

const validator = `
import json, sys, botocore.session
from botocore.validate import ParamValidator
ecs = botocore.session.get_session().get_service_model('ecs')
shape = ecs.operation_model('RegisterTaskDefinition').input_shape
report = ParamValidator().validate(json.load(open(sys.argv[1])), shape)
print(report.generate_report())
sys.exit(1 if report.has_errors() else 0)
`;
const [botocoreSuite, botocoreName] = withProgram('botocore', run('python3', '-c', 'import botocore').status === 0);
botocoreSuite(botocoreName, () => {
  const validate = (file: string) => run('python3', '-c', validator, file);

  test('the task definition is a request that the API takes', () => {
    expect(validate(taskDefinition)).toEqual({ status: 0, said: '' });
  });

  test('does find a misspelt field', () => {
    const wrong = readFileSync(taskDefinition, 'utf8').replace('stopTimeout', 'stopTimeOut');
    const { status, said } = validate(spoilt('wrong.json', wrong));
    expect(status).toBe(1);
    expect(said).toContain('stopTimeOut');
  });
});

interface Container {
  readonly Name: string;
  readonly Environment: readonly Fields[];
  readonly Secrets?: readonly Fields[];
  readonly [field: string]: Fields;
}

/** Values that CloudFormation would fill in. */
const values = {
  VpcCidr: '10.1.0.0/16',
  MountPath: '/kpow',
  'AWS::StackName': 'tools',
};

interface Deployment {
  readonly name: string;
  readonly containers: readonly Container[];
  readonly config: Config;
  readonly idleTimeout: number;
}

function deployment(name: string, containers: readonly Container[], idleTimeout: number): Deployment {
  const { Value } = named(containers, 'gateway').Environment.find(({ Name }) => Name === 'GATEWAY_CONFIG');
  const text = typeof Value === 'string' ? Value : substitute(Value.Sub, values);
  return { name, containers, config: resolveConfig(parse(text), { env: {} }), idleTimeout };
}
const named = (containers: readonly Container[], name: string) => containers.find(({ Name }) => Name === name)!;

const resourcesOf = (file: string, type: string) =>
  Object.values(readTemplate(file).Resources).flatMap(({ Type, Properties }) => (Type === type ? [Properties] : []));
const containersOf = (file: string): Container[] =>
  resourcesOf(file, 'AWS::ECS::TaskDefinition').flatMap(({ ContainerDefinitions }) => ContainerDefinitions);

/** Seconds that the load balancer lets a connection be silent; a Network Load Balancer's is fixed. */
const networkIdle = 350;
const applicationIdle = Number(
  resourcesOf(twoServices, 'AWS::ElasticLoadBalancingV2::LoadBalancer')[0].LoadBalancerAttributes.find(
    ({ Key }: { Key: string }) => Key === 'idle_timeout.timeout_seconds',
  ).Value,
);
const { ContainerDefinitions } = capitalised(JSON.parse(readFileSync(taskDefinition, 'utf8'))) as {
  ContainerDefinitions: Container[];
};
const deployments = [
  deployment(base(twoServices), containersOf(twoServices), applicationIdle),
  deployment(base(oneTask), containersOf(oneTask), networkIdle),
  deployment(base(taskDefinition), ContainerDefinitions, applicationIdle),
];

describe.each(deployments)('$name', ({ containers, config, idleTimeout }) => {
  const gateway = named(containers, 'gateway');
  const kpow = named(containers, 'kpow');

  test('its configuration is accepted without a warning, and leads to kPow', () => {
    expect(configWarnings(config)).toEqual([]);
    expect(config.mounts).toMatchObject([
      { path: '/kpow', kind: 'kpow', health: { path: '/healthy' }, target: { port: 3000 } },
    ]);
    expect(kpow['PortMappings']).toMatchObject([{ ContainerPort: 3000 }]);
  });

  test('the gateway listens on the ports that are mapped, and where TLS ends before it, the balancer is believed', () => {
    const { https, http } = config.listen;
    const ports = [https?.port, http?.port].filter((port) => port !== undefined);
    expect(gateway['PortMappings'].map(({ ContainerPort }: { ContainerPort: number }) => ContainerPort)).toEqual(ports);
    expect(config.trustedProxies).toHaveLength(https === null ? 1 : 0);
    if (https !== null) expect(https.publicPort).toBe(443);
  });

  test('the balancer closes idle connections, later than kPow its websocket, and sooner than the gateway', () => {
    expect(idleTimeout).toBeGreaterThan(300);
    expect(config.listen.keepAlive).toBeGreaterThan(idleTimeout * 1000);
  });

  test('it is stopped later than it has drained, within what Fargate allows', () => {
    expect(gateway['StopTimeout'] * 1000).toBeGreaterThan(config.drain.timeout);
    for (const container of containers) expect(container['StopTimeout']).toBeLessThanOrEqual(120);
  });

  test('the program itself says whether it is well, from the same configuration, without a shell', () => {
    const source = gateway['Command'].slice(1);
    expect(gateway['Command'][0]).toBe('serve');
    expect(source).toEqual(['--config', 'env:GATEWAY_CONFIG']);
    expect(gateway['HealthCheck'].Command).toEqual(['CMD', 'node', '/app/dist/main.js', 'healthcheck', ...source]);
  });

  test('the gateway cannot write to its own image, and has no capability', () => {
    expect(gateway).toMatchObject({
      ReadonlyRootFilesystem: true,
      User: expect.stringMatching(/^[1-9]\d*:\d+$/),
      LinuxParameters: { InitProcessEnabled: true, Capabilities: { Drop: ['ALL'] } },
    });
  });

  test('kPow knows that its users come over HTTPS, and ends in its ERROR state', () => {
    expect(kpow.Environment).toEqual(
      expect.arrayContaining([
        { Name: 'HTTP_FORWARDED', Value: 'true' },
        { Name: 'STREAMS_ERROR_STRATEGY', Value: 'LOG_AND_EXIT' },
      ]),
    );
  });

  test('what is secret comes from Secrets Manager, and only its ARN stands here', () => {
    const secrets = (kpow.Secrets ?? []).map((secret) => secret.If?.[1] ?? secret);
    expect(secrets.map(({ Name }) => Name)).toEqual(
      expect.arrayContaining(['LICENSE_ID', 'LICENSE_CODE', 'LICENSE_SIGNATURE', 'BOOTSTRAP']),
    );
    for (const { ValueFrom } of secrets)
      expect(ValueFrom.Ref ?? ValueFrom.Sub ?? ValueFrom).toMatch(
        /^(\w+SecretArn|\$\{\w+SecretArn\}:\w+::|arn:aws:secretsmanager:.*)$/,
      );
    const plain = containers.flatMap(({ Environment }) => Environment).map((entry) => (entry.If?.[1] ?? entry).Name);
    for (const name of plain) expect(name).not.toMatch(/LICEN[SC]E|BOOTSTRAP|JAAS|PASSWORD|SECRET|TOKEN/);
  });

  test('both log to CloudWatch', () => {
    for (const { LogConfiguration } of containers) expect(LogConfiguration.LogDriver).toBe('awslogs');
  });
});

describe.each(templates.map((file) => [base(file), file]))('%s', (_, file) => {
  const { Parameters } = readTemplate(file);

  test('there is never a second kPow, not even during an update', () => {
    const service = resourcesOf(file, 'AWS::ECS::Service').find(({ TaskDefinition }) =>
      /^(Kpow)?Task$/.test(TaskDefinition.Ref),
    );
    expect(service).toMatchObject({
      DesiredCount: 1,
      DeploymentConfiguration: { MinimumHealthyPercent: 0, MaximumPercent: 100 },
      AvailabilityZoneRebalancing: 'DISABLED',
    });
    const scaled = resourcesOf(file, 'AWS::ApplicationAutoScaling::ScalableTarget').map(
      ({ ResourceId }) => ResourceId.Sub,
    );
    expect(scaled).toEqual(file === twoServices ? ['service/${Cluster}/${GatewayService.Name}'] : []);
  });

  test('an update that does not get well is taken back', () => {
    for (const { DeploymentConfiguration } of resourcesOf(file, 'AWS::ECS::Service'))
      expect(DeploymentConfiguration.DeploymentCircuitBreaker).toEqual({ Enable: true, Rollback: true });
  });

  test('the balancer asks the gateway whether it serves, at the port that it listens on', () => {
    const { config } = deployments.find(({ name }) => name === base(file))!;
    const ports = [config.listen.https?.port, config.listen.http?.port];
    const groups = resourcesOf(file, 'AWS::ElasticLoadBalancingV2::TargetGroup');
    expect(groups.length).toBeGreaterThan(0);
    for (const group of groups) {
      expect(group).toMatchObject({ HealthCheckPath: '/-/up', TargetType: 'ip' });
      expect(ports).toContain(group.Port);
    }
  });

  test('who may connect has to be said: no range is open by default, none stands in a rule', () => {
    expect(Parameters['AllowedCidr']).not.toHaveProperty('Default');
    const rules = resourcesOf(file, 'AWS::EC2::SecurityGroup').flatMap(
      ({ SecurityGroupIngress }) => SecurityGroupIngress,
    );
    for (const { CidrIp, SourceSecurityGroupId } of rules)
      expect(CidrIp ?? SourceSecurityGroupId).toEqual({
        Ref: CidrIp ? 'AllowedCidr' : expect.stringMatching(/SecurityGroup$/),
      });
  });

  test('Fargate may start the tasks and no more; the containers may do nothing in AWS', () => {
    for (const task of resourcesOf(file, 'AWS::ECS::TaskDefinition')) expect(task).not.toHaveProperty('TaskRoleArn');
    for (const { Policies, ManagedPolicyArns } of resourcesOf(file, 'AWS::IAM::Role')) {
      expect(ManagedPolicyArns).toBeUndefined();
      for (const { Action, Resource } of Policies[0].PolicyDocument.Statement) {
        if (Resource === '*') expect(Action).toBe('ecr:GetAuthorizationToken');
        expect(JSON.stringify(Action)).not.toContain('*');
      }
    }
  });

  const account = '111122223333';
  const secret = `arn:aws:secretsmanager:eu-west-1:${account}:secret:kpow/licence-AbCdEf`;
  test.each<[string, readonly string[], readonly string[]]>([
    ['AllowedCidr', ['10.0.0.0/8', '198.51.100.7/32'], ['10.0.0.0', '10.0.0.0/33', '300.0.0.0/8', 'any', '']],
    [
      'CertificateArn',
      [`arn:aws:acm:eu-west-1:${account}:certificate/12345678-1234-1234-1234-123456789012`],
      ['', 'certs/tls.crt', `arn:aws:iam::${account}:server-certificate/x`],
    ],
    ['LicenceSecretArn', [secret], ['', 'kpow/licence', 'LICENSE_ID=abc']],
    ['BootstrapSecretArn', [secret], ['', 'kafka-1:9092']],
    ['SaslSecretArn', [secret, ''], ['password="x"']],
    [
      'GatewayImage',
      [`${account}.dkr.ecr.eu-west-1.amazonaws.com/kpow-gateway:0.1.0`, `kpow-gateway@sha256:${'a'.repeat(64)}`],
      ['', 'kpow-gateway', 'kpow gateway:1'],
    ],
    ['KpowImage', ['factorhouse/kpow-ce:latest', 'factorhouse/kpow-ee:94.1'], ['factorhouse/kpow-ce', '']],
    ['MountPath', ['/kpow', '/', '/kafka-tools'], ['kpow', '/kpow/', '/a b', '/"x', '/.', '/..', '']],
    ...(file === twoServices
      ? [
          ['VpcCidr', ['10.0.0.0/16', '172.31.0.0/20'], ['0.0.0.0/0', '10.0.0.0/8', '10.0.0.0']] as [
            string,
            string[],
            string[],
          ],
        ]
      : []),
  ])('%s takes what fits, and refuses the rest with words before anything starts', (name, good, bad) => {
    const { AllowedPattern, ConstraintDescription } = Parameters[name]!;
    const pattern = new RegExp(AllowedPattern);
    expect(good.filter((value) => !pattern.test(value))).toEqual([]);
    expect(bad.filter((value) => pattern.test(value))).toEqual([]);
    expect(ConstraintDescription).toMatch(/^is /);
  });

  test('every choice is one of a list or has a pattern', () => {
    const free = Object.entries(Parameters).filter(
      ([, { Type, AllowedPattern, AllowedValues }]) => Type === 'String' && !AllowedPattern && !AllowedValues,
    );
    expect(free).toEqual([]);
  });
});

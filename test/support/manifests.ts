import { readdirSync } from 'node:fs';
import path from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import { runTool, type Finished } from './deploy-tools';

const deploy = path.join(__dirname, '..', '..', 'deploy');
export const chart = path.join(deploy, 'helm', 'kpow-gateway');

/** The values files that the chart is tested with, by name. */
export const valuesFolder = path.join(__dirname, '..', 'real', 'deploy', 'values');
export const valuesNames = readdirSync(valuesFolder).map((file) => path.basename(file, '.yaml'));
export const valuesFile = (name: string) => path.join(valuesFolder, `${name}.yaml`);

/** Folders with a kustomization that somebody would apply, relative to deploy/. */
export const kustomizations = [
  'kubernetes/base',
  ...readdirSync(path.join(deploy, 'kubernetes', 'overlays')).map((name) => `kubernetes/overlays/${name}`),
  'openshift/edge',
  'openshift/reencrypt',
];

/** As one release in one namespace, both called so that names come out as those of deploy/kubernetes. */
export const release = 'kpow-gateway';
export const namespace = 'tools';

export interface Rendering {
  readonly values?: readonly string[];
  /** Over the files. */
  readonly set?: Readonly<Record<string, unknown>>;
  readonly kubernetes?: string;
  readonly chart?: string;
}

export function helmTemplate({ values = [], set = {}, kubernetes = '1.30', ...more }: Rendering): Promise<Finished> {
  const files = values.flatMap((file) => ['--values', file]);
  const args = ['template', release, more.chart ?? chart, '--namespace', namespace, '--kube-version', kubernetes];
  return runTool('helm', [...args, ...files, '--values', '-'], stringify(set));
}

/** The objects in YAML, with a way to the one of a kind. */
export class Manifests {
  readonly objects;

  constructor(readonly text: string) {
    this.objects = parseAllDocuments(text)
      .map((document) => document.toJS())
      .filter((object) => object !== null);
  }

  get kinds(): string[] {
    return this.objects.map(({ kind }) => kind as string).toSorted();
  }

  all(kind: string) {
    return this.objects.filter((object) => object.kind === kind);
  }

  /** The one of the kind, by name where there are several; it has to be there. */
  one(kind: string, name?: string) {
    const found = this.all(kind).filter((object) => name === undefined || object.metadata.name === name);
    if (found.length !== 1) throw new Error(`${found.length} objects of kind ${kind} among ${this.kinds.join(', ')}`);
    return found[0];
  }

  get pod() {
    return this.one('Deployment').spec.template.spec;
  }

  get container() {
    return this.pod.containers[0];
  }

  /** The gateway's configuration, as it stands in the file that the pods get. */
  get gatewayFile(): string {
    return this.one('ConfigMap').data['gateway.yaml'];
  }
}

/** What the chart makes of values. */
export async function renderChart(rendering: Rendering = {}): Promise<Manifests> {
  const { code, stdout, stderr } = await helmTemplate(rendering);
  if (code !== 0) throw new Error(`helm template failed: ${stderr}`);
  return new Manifests(stdout);
}

export async function buildKustomization(folder: string): Promise<Manifests> {
  const { code, stdout, stderr } = await runTool('kustomize', ['build', path.join(deploy, folder)]);
  if (code !== 0) throw new Error(`kustomize build failed: ${stderr}`);
  return new Manifests(stdout);
}

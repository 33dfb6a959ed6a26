import { assetPath } from './assets';
import type { KpowStandIn } from './kpow';
import { standIns } from './stand-ins';
import type { Tool } from './tool-server';

/** A mount as it stands in the configuration file. */
export interface DemoMount {
  readonly name: string;
  readonly path: string;
  readonly target: string;
  readonly prefix: 'strip' | 'keep';
  readonly health: { readonly path: string; readonly interval: string };
  readonly required: boolean;
  readonly kind: 'kpow' | 'other';
  readonly description: string;
  /** Absolute path of an SVG file. */
  readonly icon: string;
}

export interface DemoTools {
  readonly kpow: KpowStandIn;
  readonly schemas: Tool;
  readonly tail: Tool;
  readonly mounts: readonly DemoMount[];
  close(): Promise<void>;
}

/** Starts the kPow stand-in and two small sibling tools on free ports of 127.0.0.1. */
export async function startDemoTools(): Promise<DemoTools> {
  const kpow = await standIns.kpow();
  const schemas = await standIns.schemas();
  const tail = await standIns.tail();
  // Short, so that someone who breaks a tool on purpose sees it on the portal at once.
  const interval = '2s';
  return {
    kpow,
    schemas,
    tail,
    mounts: [
      {
        name: 'kPow (stand-in)',
        path: '/kpow',
        target: kpow.url,
        prefix: 'strip',
        health: { path: '/healthy', interval },
        required: true,
        kind: 'kpow',
        description: 'Stands in for kPow in this demo: topics, consumer groups and lag, live. Sign in as admin, admin.',
        icon: assetPath('kpow.svg'),
      },
      {
        name: 'Schemas',
        path: '/schemas',
        target: schemas.url,
        prefix: 'keep',
        health: { path: '/schemas/-/healthy', interval },
        required: false,
        kind: 'other',
        description: 'Demo tool that knows its base path: a browser of pretend schemas with a JSON API.',
        icon: assetPath('schemas.svg'),
      },
      {
        name: 'Tail',
        path: '/tail',
        target: tail.url,
        prefix: 'strip',
        health: { path: '/health', interval },
        required: false,
        kind: 'other',
        description: 'Demo tool that knows nothing of its path: a live log over server-sent events.',
        icon: assetPath('tail.svg'),
      },
    ],
    async close() {
      await Promise.all([kpow.close(), schemas.close(), tail.close()]);
    },
  };
}

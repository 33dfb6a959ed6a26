import type { MountConfig } from '../config/config';
import { html, trustedMarkup, type Html } from './html';

/** Drawn for this program on a 24 by 24 grid, as strokes. */
const drawings = {
  streams: '<path d="M3 7c4.5 0 4.5 3 9 3s4.5-3 9-3M3 12c4.5 0 4.5 3 9 3s4.5-3 9-3M3 17c4.5 0 4.5 3 9 3s4.5-3 9-3"/>',
  metrics: '<path d="M4 4v16h16"/><path d="M7.5 15l3.5-4.5 3 2.5 5-7"/>',
  dashboard: '<rect x="3.5" y="4" width="17" height="16" rx="2"/><path d="M3.5 9.500h17M10 9.500V20"/>',
  schema:
    '<path d="M8 4c-2.5 0-2.5 1-2.5 3.500S5.5 12 3.5 12c2 0 2 2 2 4.500S5.5 20 8 20M16 4c2.5 0 2.5 1 2.5 3.500s0 4.5 2 4.500c-2 0-2 2-2 4.500S18.5 20 16 20"/><path d="M12 9v.01M12 15v.01"/>',
  connect:
    '<rect x="3" y="8" width="6" height="8" rx="1.5"/><rect x="15" y="8" width="6" height="8" rx="1.5"/><path d="M9 10.500h6M9 13.500h6"/>',
  bell: '<path d="M6 16.500c1.2-1.3 1.5-2.7 1.5-5.500a4.5 4.5 0 0 1 9 0c0 2.8.3 4.2 1.5 5.500zM10.5 19.500h3M12 4v2"/>',
  trace: '<path d="M3.5 6h17M6.5 11h9M10.5 16h7M10.5 20h4"/>',
  flow: '<circle cx="5.5" cy="12" r="2.2"/><circle cx="18.5" cy="6" r="2.2"/><circle cx="18.5" cy="18" r="2.2"/><path d="M7.5 11l9-4M7.5 13l9 4"/>',
  log: '<path d="M4 6h11M4 11h8M4 16h5"/><circle cx="16" cy="15" r="3.5"/><path d="M18.6 17.600L21 20"/>',
  storage:
    '<ellipse cx="12" cy="6" rx="7.5" ry="2.7"/><path d="M4.5 6v12c0 1.5 3.4 2.7 7.5 2.700s7.5-1.2 7.5-2.700V6M4.5 12c0 1.5 3.4 2.7 7.5 2.700s7.5-1.2 7.5-2.7"/>',
  query: '<path d="M4 6l5 5-5 5M12 18h8"/>',
  notebook: '<rect x="5" y="3.5" width="14" height="17" rx="2"/><path d="M9 3.500v17M12.5 8.500h3M12.5 12h3"/>',
  topics:
    '<rect x="3.5" y="4.5" width="17" height="4" rx="1"/><rect x="3.5" y="10" width="12" height="4" rx="1"/><rect x="3.5" y="15.5" width="15" height="4" rx="1"/>',
} as const;

export type GlyphName = keyof typeof drawings;

/** The kind of tool that a name speaks of; the first that fits. */
const keywords: readonly (readonly [RegExp, GlyphName])[] = [
  [/alert/i, 'bell'],
  [/prometheus|metric|thanos|victoria|influx/i, 'metrics'],
  [/grafana|dashboard|superset/i, 'dashboard'],
  [/schema|registry|karapace|apicurio/i, 'schema'],
  [/ksql|\bsql\b|trino|adminer|pgadmin/i, 'query'],
  [/connect/i, 'connect'],
  [/jaeger|zipkin|tempo|trac(e|ing)/i, 'trace'],
  [/flink|airflow|node-?red|flow|workflow|dagster|nifi/i, 'flow'],
  [/kibana|opensearch|elastic|loki|\blogs?\b|logging/i, 'log'],
  [/minio|storage|\bs3\b|hdfs/i, 'storage'],
  [/jupyter|notebook|zeppelin/i, 'notebook'],
  [/kafka|akhq|kafdrop|redpanda|rabbit|broker|topic/i, 'topics'],
];

/** @returns null where nothing tells what the tool is */
export function glyphFor({ name, kind }: Pick<MountConfig, 'name' | 'kind'>): GlyphName | null {
  if (kind === 'kpow') return 'streams';
  return keywords.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}

export function renderGlyph(name: GlyphName): Html {
  return html`<svg class="glyph" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    ${trustedMarkup(drawings[name])}
  </svg>`;
}

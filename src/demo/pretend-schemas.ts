export interface RecordSchema {
  readonly type: 'record';
  readonly name: string;
  readonly namespace: string;
  readonly fields: readonly { readonly name: string; readonly type: string }[];
}

/** Avro-like schemas by subject, the first version first. */
export const subjects: ReadonlyMap<string, readonly RecordSchema[]> = new Map([
  [
    'orders-value',
    [
      record('Order', { id: 'string', customer: 'string', total: 'double' }),
      record('Order', { id: 'string', customer: 'string', total: 'double', currency: 'string' }),
    ],
  ],
  ['payments-value', [record('Payment', { id: 'string', order: 'string', amount: 'double', method: 'string' })]],
  ['shipments-value', [record('Shipment', { id: 'string', order: 'string', carrier: 'string', sent: 'long' })]],
  [
    'page-views-value',
    [
      record('PageView', { url: 'string', at: 'long' }),
      record('PageView', { url: 'string', at: 'long', referrer: 'string' }),
      record('PageView', { url: 'string', at: 'long', referrer: 'string', session: 'string' }),
    ],
  ],
]);

function record(name: string, fields: Readonly<Record<string, string>>): RecordSchema {
  return {
    type: 'record',
    name,
    namespace: 'demo.shop',
    fields: Object.entries(fields).map(([field, type]) => ({ name: field, type })),
  };
}

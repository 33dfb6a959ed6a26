import { valuesOf } from '../../headers/raw';
import { spokenDuration } from '../../observe/duration';
import { stepText } from '../evidence';
import type { Finding } from '../finding';
import { typeOf } from '../look';
import type { Step } from '../sight';
import type { PathSource } from './websocket';

export interface EventsSight {
  readonly source: PathSource;
  readonly step: Step;
  /** Milliseconds that were waited at the most. */
  readonly waited: number;
}

/** Server-sent events that do not come as they happen, as far as a few seconds can tell. */
export function eventsFindings(sights: readonly EventsSight[]): Finding[] {
  return sights.flatMap(({ source, step, waited }): Finding[] => {
    const { exchanged } = step;
    if (!exchanged) return [];
    const { result } = exchanged;
    const asked = stepText(step);
    if (result.kind === 'failed') {
      if (result.error.code !== 'UPSTREAM_RESPONSE_TIMEOUT') return [];
      return [
        {
          severity: 'warning',
          title: 'The stream of events does not begin',
          evidence: [`${asked}, after ${spokenDuration(waited)}`],
          cause:
            'Not even the head of the answer came. Either the tool sends it with the first event, and there was none yet; or something holds both back.',
          fix: ['Let the tool send its head at once, and a comment line every few seconds.'],
        },
      ];
    }
    const { fields, body, status } = result;
    if (!typeOf(step).startsWith('text/event-stream')) {
      if (source !== 'asked' || status !== 200) return [];
      return [
        {
          severity: 'warning',
          title: 'There is no stream of events',
          evidence: [`${asked}, Content-Type: ${typeOf(step) || 'none'}`],
          cause: 'A browser takes nothing but text/event-stream for one.',
          fix: ['Look in the browser’s network view at which path the page opens it.'],
        },
      ];
    }
    const [length] = valuesOf(fields, 'content-length');
    if (length !== undefined)
      return [
        {
          severity: 'wrong',
          title: 'The tool buffers its events',
          evidence: [`${asked}, text/event-stream with Content-Length: ${length}`],
          cause:
            'Who knows how long a stream will be has waited for its end. The gateway passes on what comes as it comes.',
          fix: [
            'Turn buffering off in the tool, or in what is between it and the gateway (nginx: proxy_buffering off).',
          ],
        },
      ];
    const [coding = 'identity'] = valuesOf(fields, 'content-encoding');
    if (coding.toLowerCase() === 'identity') return [];
    const silent = body.bytes?.length === 0;
    return [
      {
        severity: silent ? 'wrong' : 'warning',
        title: silent ? 'Compression holds the events back' : 'The events are compressed',
        evidence: [
          `${asked}, text/event-stream with Content-Encoding: ${coding}`,
          ...(silent ? [`${body.received} bytes within ${spokenDuration(waited)}, and no event in them`] : []),
        ],
        cause: 'A compressor waits until it has enough to compress, unless it is told to flush after each event.',
        fix: ['Turn compression off in the tool for text/event-stream.'],
      },
    ];
  });
}

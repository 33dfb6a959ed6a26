import type { HealthConfig } from '../config/config';
import { spokenDuration } from '../observe/duration';
import { kpowErrorAdvice, kpowErrorDetail } from './kpow-advice';
import type { ProbeAnswer, ProbeResult } from './probe';
import { SPEAKS_TLS, type ProbeFailure } from './probe-failure';
import type { MountState, MountStatus } from './status';

/** What a probe can find. */
export type ProbeOutcome = Extract<MountState, 'healthy' | 'unhealthy' | 'unreachable'>;

export interface Diagnosis extends Pick<MountStatus, 'reason' | 'detail' | 'advice'> {
  readonly state: ProbeOutcome;
}

/** What a probe's result says about the tool, in words that follow the tool's name and show no address. */
export function diagnose(result: ProbeResult, health: Pick<HealthConfig, 'timeout'>): Diagnosis {
  return result.outcome === 'answered' ? diagnoseAnswer(result) : diagnoseFailure(result, health);
}

function diagnoseAnswer({ status, kpowError }: ProbeAnswer): Diagnosis {
  if (status >= 200 && status < 300) return { state: 'healthy', reason: null, detail: 'is healthy', advice: [] };
  if (kpowError) {
    return { state: 'unhealthy', reason: 'kpow-error-state', detail: kpowErrorDetail, advice: kpowErrorAdvice };
  }
  const detail = `answers ${status} at its health path`;
  if (status >= 500) {
    return {
      state: 'unhealthy',
      reason: 'answered-5xx',
      detail,
      advice: ['Look at the log of the tool: it runs, but says that it is not well.'],
    };
  }
  return { state: 'unhealthy', reason: 'answered-other', detail, advice: [adviceFor(status)] };
}

function adviceFor(status: number): string {
  if (status === 404) {
    return 'Check `health` of this mount: the path is asked for at the tool itself, without the mount’s prefix.';
  }
  if (status === 401 || status === 403 || (status >= 300 && status < 400)) {
    return 'The health path may want a login or have moved: set `health` of this mount to a path that answers 200 without one.';
  }
  return 'Check `health` of this mount: it has to be a path that answers 200 to a plain GET.';
}

function diagnoseFailure(failure: ProbeFailure, health: Pick<HealthConfig, 'timeout'>): Diagnosis {
  return { state: 'unreachable', reason: failure.reason, ...words(failure, spokenDuration(health.timeout)) };
}

function words({ reason, code, phase }: ProbeFailure, timeout: string): Pick<Diagnosis, 'detail' | 'advice'> {
  switch (reason) {
    case 'refused':
      return wordsForNoConnection(code);
    case 'unknown-host':
      return code === 'EAI_AGAIN'
        ? {
            detail: 'cannot be found: looking up its host name failed',
            advice: ['The name server gave no answer. Check the DNS settings where the gateway runs.'],
          }
        : {
            detail: 'cannot be found: its host name is not known',
            advice: ['Check the host name in `target`, and that the tool is on the same network as the gateway.'],
          };
    case 'timeout':
      return {
        detail: {
          connect: `did not accept the connection within ${timeout}`,
          tls: `did not complete the TLS handshake within ${timeout}`,
          answer: `did not answer at its health path within ${timeout}`,
          body: `did not finish its answer at its health path within ${timeout}`,
        }[phase],
        advice:
          phase === 'connect'
            ? ['A firewall may drop the packets, or the tool’s machine may be off. Check `target` of this mount.']
            : ['The tool may be overloaded or still starting. If it is only slow, raise `health.timeout`.'],
      };
    case 'tls':
      if (code === 'ERR_TLS_FILES') return unusableFiles;
      return { detail: `has no TLS connection that can be trusted${inWords(code)}`, advice: [adviceForTls(code)] };
    case 'closed':
      return wordsForBrokenAnswer(code);
  }
}

function wordsForNoConnection(code: string | null): Pick<Diagnosis, 'detail' | 'advice'> {
  switch (code) {
    case 'ECONNREFUSED':
      return {
        detail: 'refuses the connection',
        advice: ['Check that the tool is running, and that `target` of this mount has the port it listens on.'],
      };
    case 'EMFILE':
    case 'ENFILE':
    case 'EADDRNOTAVAIL':
    case 'ENOBUFS':
      return {
        detail: `could not be asked: the gateway has no free socket (${code})`,
        advice: ['Raise the limit of open files where the gateway runs (`ulimit -n`).'],
      };
    default:
      return {
        detail: `cannot be reached over the network${inWords(code)}`,
        advice: ['Check the network between the gateway and the tool, and `target` of this mount.'],
      };
  }
}

function wordsForBrokenAnswer(code: string | null): Pick<Diagnosis, 'detail' | 'advice'> {
  if (code === SPEAKS_TLS) {
    return {
      detail: 'speaks TLS where plain HTTP was expected',
      advice: ['Write https:// in `target` of this mount.'],
    };
  }
  if (code === 'ERR_UNESCAPED_CHARACTERS') {
    return {
      detail: 'could not be asked: its health path has characters that a request cannot carry',
      advice: ['Percent-encode them in `health` of this mount.'],
    };
  }
  if (code === 'ERR_HTTP_INVALID_FRAMING') {
    return {
      detail: 'does not say clearly where its answer ends',
      advice: ['Run `kpow-gateway doctor`: it tells which header of the tool is wrong.'],
    };
  }
  if (code?.startsWith('HPE_')) {
    return {
      detail: 'answers something that is not HTTP',
      advice: ['Check that the port in `target` of this mount is the tool’s HTTP port.'],
    };
  }
  return {
    detail: 'closed the connection before it had answered',
    advice: ['Look at the log of the tool. If it expects TLS, write https:// in `target` of this mount.'],
  };
}

const unusableFiles = {
  detail: 'is left out, since its TLS files cannot be used',
  advice: ['Mend the file in `tls` of this mount that the gateway’s log and `kpow-gateway check` name.'],
};

const PLAIN_HTTP = /^ERR_SSL_(WRONG_VERSION_NUMBER|HTTP_REQUEST|PACKET_LENGTH_TOO_LONG)$/;

function adviceForTls(code: string | null): string {
  if (code === null || code === 'ECONNRESET')
    return 'It ended the handshake. Check that `target` of this mount is the tool’s TLS port.';
  if (PLAIN_HTTP.test(code)) return 'The tool seems to speak plain HTTP: write http:// in `target` of this mount.';
  if (code === 'CERT_HAS_EXPIRED') return 'Renew the tool’s certificate.';
  if (code === 'CERT_NOT_YET_VALID') return 'Check the clock of the gateway and the dates of the tool’s certificate.';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return 'The certificate is for another name: use a name in `target` that stands in the certificate.';
  }
  if (/SELF_SIGNED|UNABLE_TO|ISSUER/.test(code)) {
    return 'Its certificate is not from a known authority: give the authority’s certificate in `tls.ca` of this mount.';
  }
  return 'Check `tls` of this mount: ca, and cert and key if the tool wants a client certificate.';
}

const inWords = (code: string | null) => (code === null ? '' : ` (${code})`);

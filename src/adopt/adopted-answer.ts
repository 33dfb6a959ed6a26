import type { Transform } from 'node:stream';
import type { AnswerContext } from '../headers/location';
import { cookieNames } from '../headers/gateway-cookies';
import { valuesOf, type RawHeaders } from '../headers/raw';
import { publicBase } from '../mount/mount';
import { adoptedAnswerFields, policiesOf, scriptUrl, type AdoptedAnswer } from './answer-fields';
import { bodyKind, type Asked, type BodyKind } from './body-kind';
import type { BodyRewriter } from './body-rewriter';
import { codingOf } from './codings';
import { StyleRewriter } from './css/style-rewriter';
import { namesAdopted } from './entity-tags';
import { PageRewriter } from './html/page-rewriter';
import { ManifestRewriter } from './manifest';
import { mountCookie, mountCookieField } from './mount-cookie';
import { passThrough } from './policy';
import { RewritingStream } from './rewriting-stream';
import { adoptScript, scriptElement } from './script';
import { BodyUrls } from './urls';

/** The head of a tool's answer. */
export interface AnswerHead {
  readonly status: number;
  readonly fields: RawHeaders;
}

export interface Adopted {
  /** What each of the tool's fields is judged by (`adoptedAnswerValue`). */
  readonly answer: AdoptedAnswer;
  /** The tool's fields, to be given to `inboundFields`. */
  readonly fields: string[];
  /** Fields of the gateway's own. */
  readonly own: string[];
  /** Makes what rewrites the body without its coding; null where it stays as it is. */
  readonly rewriter: (() => Transform) | null;
  /** Makes what the body goes through, in order; null where it stays as it is. */
  readonly through: (() => Transform[]) | null;
}

/** Whether an answer is a part of a body that has to be rewritten as a whole. @param target as the tool got it */
export function isPartOfPage(asked: Asked, { status, fields }: AnswerHead, target: string): boolean {
  return status === 206 && bodyKind(asked, status, fields, target) !== null;
}

/**
 * What an adopted tool's answer becomes for the browser.
 * @param asked the client's request, its fields as they arrived
 * @param escaped whether it had no mount in its path
 */
export function adoptAnswer(asked: Asked, head: AnswerHead, context: AnswerContext, escaped: boolean): Adopted {
  const { status, fields } = head;
  const { outer, config } = context.mount;
  const coding = codingOf(valuesOf(fields, 'content-encoding').join(', '));
  const kind = coding === null ? null : bodyKind(asked, status, fields, context.upstreamTarget);
  const pass = kind === 'document' ? passThrough(policiesOf(fields)) : null;
  const answer: AdoptedAnswer = {
    context,
    kind,
    // A 304 says nothing of the body's type; the request's tag is the one of what the browser has.
    tagged: status === 304 ? valuesOf(asked.fields, 'if-none-match').some(namesAdopted) : kind !== null,
    pass,
    script: { url: scriptUrl(context, outer + adoptScript.path), hash: `'${adoptScript.integrity}'` },
    escaped,
  };
  const knows = cookieNames(valuesOf(asked.fields, 'cookie')).includes(mountCookie(config.path));
  const own =
    kind === 'document' && !knows
      ? ['Set-Cookie', mountCookieField(config.path, context.origin.proto === 'https', outer)]
      : [];
  // The next page may mean another tool by the same URL.
  if (escaped) own.push('Cache-Control', 'no-store');
  const fixed = { answer, fields: adoptedAnswerFields(fields, answer), own };
  if (kind === null || coding === null) return { ...fixed, rewriter: null, through: null };
  const element = pass
    ? scriptElement({
        base: publicBase(context.mount),
        outer,
        nonce: pass.nonce,
        hashed: pass.hashed,
        imports: pass.inline,
        separateStorage: config.storage === 'separate',
      })
    : '';
  const rewriter = () => new RewritingStream(rewriterOf(kind, new BodyUrls(context), element));
  const through = () => (coding === 'identity' ? [rewriter()] : [coding.decoder(), rewriter(), coding.encoder()]);
  return { ...fixed, rewriter, through };
}

function rewriterOf(kind: BodyKind, urls: BodyUrls, element: string): BodyRewriter {
  if (kind === 'style') return new StyleRewriter(urls);
  if (kind === 'manifest') return new ManifestRewriter(urls);
  return new PageRewriter(urls, Buffer.from(element), { document: kind === 'document' });
}

import type { RequestHandler } from 'express';
import type { HttpsListen } from '../config/config';
import { pathOf } from '../mount/path';
import { contextOf } from './context';
import { ownPageFields } from './own-page';

const folder = '/.well-known/acme-challenge/';

/**
 * Answers an authority that checks an http-01 challenge (RFC 8555 §8.3). What is not pending goes the ordinary way: a
 * tool may have challenges of its own.
 *
 * @param keyAuthorization null when the token, which may be any text, is not pending
 */
export function answerAcmeChallenge(
  keyAuthorization: (token: string) => Promise<string | null>,
  https: HttpsListen | null,
): RequestHandler {
  return async (req, res, next) => {
    const context = contextOf(req);
    const path = pathOf(context.head?.target ?? '');
    const asks = path.startsWith(folder) && (req.method === 'GET' || req.method === 'HEAD') && context.upgrade === null;
    const text = asks ? await keyAuthorization(path.slice(folder.length)) : null;
    if (text === null) {
      next();
      return;
    }
    res.writeHead(200, {
      ...ownPageFields(context, https),
      'Content-Type': 'application/octet-stream',
      'Content-Length': Buffer.byteLength(text),
      'Cache-Control': 'no-store',
    });
    if (req.method !== 'HEAD') context.bytes = Buffer.byteLength(text);
    res.end(req.method === 'HEAD' ? undefined : text);
  };
}

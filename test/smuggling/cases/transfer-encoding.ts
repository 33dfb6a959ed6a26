import {
  hidden,
  oneChunk,
  post,
  served,
  servedHidden,
  smugglingCase,
  spelled,
  type SmugglingCase,
} from '../smuggling-case';

/**
 * What the fields mean: a chunked body, nothing at all, or that the request is refused; where the parser alone does that,
 * behind the head, that may have reached the tool.
 */
type Meaning = 'chunked' | 'nothing' | 'refused' | 'refused behind the head';

/** Lines of a head, without their last CRLF. */
const lines: readonly (readonly [name: string, lines: string, meaning: Meaning])[] = [
  ['Transfer-Encoding', 'Transfer-Encoding: chunked', 'chunked'],
  ['Transfer-Encoding in lower case', 'transfer-encoding: chunked', 'chunked'],
  ['Transfer-Encoding in upper case', 'TRANSFER-ENCODING: CHUNKED', 'chunked'],
  ['Transfer-Encoding in every case', 'TrAnSFer-EnCODinG: cHuNkeD', 'chunked'],
  ['Transfer-Encoding without a blank', 'Transfer-Encoding:chunked', 'chunked'],
  ['Transfer-Encoding with two blanks', 'Transfer-Encoding:  chunked', 'chunked'],
  ['Transfer-Encoding with a tab for a blank', 'Transfer-Encoding:\tchunked', 'chunked'],
  ['Transfer-Encoding with a blank behind it', 'Transfer-Encoding: chunked ', 'chunked'],
  ['Transfer-Encoding with a tab behind it', 'Transfer-Encoding: chunked\t', 'refused behind the head'],
  ['a blank before the colon', 'Transfer-Encoding : chunked', 'refused'],
  ['a tab before the colon', 'Transfer-Encoding\t: chunked', 'refused'],
  ['a tab on either side of the colon', 'Transfer-Encoding\t:\tchunked', 'refused'],
  ['a blank before the name', ' Transfer-Encoding: chunked', 'refused'],
  ['a tab before the name', '\tTransfer-Encoding: chunked', 'refused'],
  ['a blank for the hyphen', 'Transfer Encoding: chunked', 'refused'],
  ['an underscore for the hyphen', 'Transfer_Encoding: chunked', 'nothing'],
  ['an underscore in lower case', 'transfer_encoding: chunked', 'nothing'],
  ['a dot for the hyphen', 'Transfer.Encoding: chunked', 'nothing'],
  ['two hyphens', 'Transfer--Encoding: chunked', 'nothing'],
  ['no hyphen', 'TransferEncoding: chunked', 'nothing'],
  ['an encoded hyphen', 'Transfer%2dEncoding: chunked', 'nothing'],
  ['a name with more in front', 'X-Transfer-Encoding: chunked', 'nothing'],
  ['a name with more behind', 'Transfer-Encodings: chunked', 'nothing'],
  ['a name that is cut', 'Transfer-Encodin: chunked', 'nothing'],
  ['Content-Encoding', 'Content-Encoding: chunked', 'nothing'],
  ['TE', 'TE: chunked', 'nothing'],
  ['a name in quotes', '"Transfer-Encoding": chunked', 'refused'],
  ['a comment before the name', '(x)Transfer-Encoding: chunked', 'refused'],
  ['a colon before the name', ':Transfer-Encoding: chunked', 'refused'],
  ['two colons', 'Transfer-Encoding:: chunked', 'refused'],
  ['no colon', 'Transfer-Encoding chunked', 'refused'],
  ['an equals sign for the colon', 'Transfer-Encoding= chunked', 'refused'],
  ['a semicolon in the name', 'Transfer-Encoding;: chunked', 'refused'],
  ['a NUL in the name', 'Transfer\0-Encoding: chunked', 'refused'],
  ['a CR in the name', 'Transfer\r-Encoding: chunked', 'refused'],
  ['a LF in the name', 'Transfer\n-Encoding: chunked', 'refused'],
  ['an accent in the name', 'Transf\x82r-Encoding: chunked', 'refused'],
  ['an accent in UTF-8 in the name', 'Transf\xc3\xa9r-Encoding: chunked', 'refused'],
  ['a mark of byte order before the name', '\xef\xbb\xbfTransfer-Encoding: chunked', 'refused'],
  ['an accent in the value', 'Transfer-Encoding: ch\x96nked', 'refused'],
  ['the value in quotes', 'Transfer-Encoding: "chunked"', 'refused'],
  ['the value in apostrophes', "Transfer-Encoding: 'chunked'", 'refused'],
  ['half the value', 'Transfer-Encoding: chunk', 'refused'],
  ['a value with more in front', 'Transfer-Encoding: xchunked', 'refused'],
  ['a value with more behind', 'Transfer-Encoding: chunkedx', 'refused'],
  ['a value in the midst of others', 'Transfer-Encoding: cow chunked bar', 'refused'],
  ['a blank in the value', 'Transfer-Encoding: chun ked', 'refused'],
  ['no value', 'Transfer-Encoding:', 'refused'],
  ['a value of nothing but a comma', 'Transfer-Encoding: ,', 'refused'],
  ['a comma behind the value', 'Transfer-Encoding: chunked,', 'refused'],
  ['a comma before the value', 'Transfer-Encoding: ,chunked', 'refused'],
  ['identity', 'Transfer-Encoding: identity', 'refused'],
  ['chunked, then identity', 'Transfer-Encoding: chunked, identity', 'refused'],
  ['identity, then chunked', 'Transfer-Encoding: identity, chunked', 'refused'],
  ['chunked, then an unknown coding', 'Transfer-Encoding: chunked, cow', 'refused'],
  ['an unknown coding, then chunked', 'Transfer-Encoding: cow, chunked', 'refused'],
  ['gzip, then chunked', 'Transfer-Encoding: gzip, chunked', 'refused'],
  ['chunked, then gzip', 'Transfer-Encoding: chunked, gzip', 'refused'],
  ['chunked twice in a list', 'Transfer-Encoding: chunked, chunked', 'refused'],
  ['a parameter', 'Transfer-Encoding: chunked;q=1', 'refused'],
  ['a parameter in quotes', 'Transfer-Encoding: chunked; ext="x"', 'refused'],
  ['chunked in a parameter', 'Transfer-Encoding: x;chunked', 'refused'],
  ['chunked in brackets', 'Transfer-Encoding: [chunked]', 'refused'],
  ['two fields, both chunked', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', 'refused'],
  ['two fields, the first identity', 'Transfer-Encoding: identity\r\nTransfer-Encoding: chunked', 'refused'],
  ['two fields, the second identity', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity', 'refused'],
  ['two fields, the first unknown', 'Transfer-Encoding: cow\r\nTransfer-Encoding: chunked', 'refused'],
  ['two fields, the second unknown', 'Transfer-Encoding: chunked\r\nTransfer-encoding: cow', 'refused'],
  ['two fields, the first empty', 'Transfer-Encoding:\r\nTransfer-Encoding: chunked', 'refused'],
  ['two fields, the second empty', 'Transfer-Encoding: chunked\r\nTransfer-Encoding:', 'refused'],
  ['two fields with others between', 'Transfer-Encoding: chunked\r\nX-A: a\r\nTransfer-Encoding: x', 'refused'],
  ['a folded value', 'Transfer-Encoding:\r\n chunked', 'refused'],
  ['a value folded by a tab', 'Transfer-Encoding:\r\n\tchunked', 'refused'],
  ['a value folded behind chunked', 'Transfer-Encoding: chunked\r\n , identity', 'refused'],
  ['a value folded by a bare LF', 'Transfer-Encoding:\n chunked', 'refused'],
  ['the field folded into another', 'X-A: a\r\n Transfer-Encoding: chunked', 'refused'],
  ['a bare LF before the name', 'X-A: a\nTransfer-Encoding: chunked', 'refused'],
  ['a bare CR before the name', 'X-A: a\rTransfer-Encoding: chunked', 'refused'],
  ['a LF and a CR before the name', 'X-A: a\n\rTransfer-Encoding: chunked', 'refused'],
  ['a CR behind the value', 'Transfer-Encoding: chunked\r', 'refused'],
  ['a LF behind the value', 'Transfer-Encoding: chunked\n', 'refused'],
  ['a bare LF at its end', 'Transfer-Encoding: chunked\nX-A: a', 'refused'],
  ['a bare CR at its end', 'Transfer-Encoding: chunked\rX-A: a', 'refused'],
  ['Connection naming it', 'Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked', 'chunked'],
];

/** Bytes that some reader takes for a blank, or strips. */
const blanks = ['\0', '\x01', '\b', '\v', '\f', '\x1c', '\x1f', '\x7f', '\x80', '\x85', '\xa0', '\xad', '\xff'];

const sweeps = blanks.flatMap((blank) => {
  const byte = spelled(blank);
  return (
    [
      [`${byte} before the name`, `${blank}Transfer-Encoding: chunked`],
      [`${byte} before the colon`, `Transfer-Encoding${blank}: chunked`],
      [`${byte} for the blank`, `Transfer-Encoding:${blank}chunked`],
      [`${byte} before the value`, `Transfer-Encoding: ${blank}chunked`],
      [`${byte} behind the value`, `Transfer-Encoding: chunked${blank}`],
    ] as const
  ).map(([name, text]) => [name, text, 'refused'] as const);
});

const absent = ['te', 'transfer-encoding', 'transfer_encoding'];

const body = `0\r\n\r\n${hidden}`;
const sizeLine = `${hidden.length.toString(16)}\r\n`;
const chunkOfHidden = `${sizeLine}${hidden}\r\n0\r\n\r\n`;

function withLonger([name, text, meaning]: (typeof lines)[number]): SmugglingCase {
  const bytes = post(`Content-Length: ${body.length}\r\n${text}\r\n`, body);
  if (meaning !== 'nothing') return smugglingCase(`CL.TE by ${name}`, bytes);
  return smugglingCase(`CL.TE by ${name}`, bytes, {
    answers: [served('POST', '/tool/x', body, { absent })],
    then: 'goes on',
  });
}

function withShorter([name, text, meaning]: (typeof lines)[number]): SmugglingCase {
  const bytes = post(`${text}\r\nContent-Length: ${sizeLine.length}\r\n`, chunkOfHidden);
  if (meaning !== 'nothing') return smugglingCase(`TE.CL by ${name}`, bytes);
  return smugglingCase(`TE.CL by ${name}`, bytes, {
    answers: [served('POST', '/tool/x', sizeLine, { absent }), servedHidden],
  });
}

function alone([name, text, meaning]: (typeof lines)[number]): SmugglingCase {
  const bytes = post(`${text}\r\n`, oneChunk(hidden));
  if (meaning === 'refused') return smugglingCase(`TE.0 by ${name}`, bytes);
  if (meaning === 'refused behind the head')
    return smugglingCase(`TE.0 by ${name}`, bytes, { partly: { method: 'POST', target: '/tool/x' } });
  if (meaning === 'chunked')
    return smugglingCase(`TE.0 by ${name}`, bytes, { answers: [served('POST', '/tool/x', hidden)], then: 'goes on' });
  return smugglingCase(`TE.0 by ${name}`, bytes, { answers: [served('POST', '/tool/x', '', { absent })] });
}

export const transferEncoding: readonly SmugglingCase[] = [
  ...lines.map(withLonger),
  ...lines.map(withShorter),
  ...lines.map(alone),
  ...sweeps.map(withLonger),
];

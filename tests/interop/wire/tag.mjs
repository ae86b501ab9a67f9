// The tag, the seed and the memo of an operation, written again from their definition.
import { createHash } from 'node:crypto';
import { base58, unbase58 } from '../vm/codec.mjs';

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();

export function tagOf(setup, key) {
  const bound = [setup.tagKey, unbase58(setup.genesis), sha256(key)];
  const labelled = label => sha256(label, ...bound).toString('hex').slice(0, 32);
  return {
    text: base58(sha256(...bound).subarray(0, 16)),
    seed: labelled('lockstep/seed/1'), marker: labelled('lockstep/marker/1'),
  };
}

// RFC 8785: JavaScript's own way to write values, with the keys sorted by UTF-16 units.
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.keys(value).sort().map(key => `${JSON.stringify(key)}:${canonical(value[key])}`);
  return `{${members.join(',')}}`;
}

// The bytes of an instruction's data, from its four forms.
export function dataOf(data = { utf8: '' }) {
  if ('utf8' in data) return Buffer.from(data.utf8);
  if ('hex' in data) return Buffer.from(data.hex, 'hex');
  if ('base64' in data) return Buffer.from(data.base64, 'base64');
  return Buffer.from(canonical(data.json));
}

export function memoOf(tag, { kind, payload }) {
  const text = payload.void !== undefined ? ` void ${payload.void}` : kind === 'memo' ? ` ${payload.text}`
    : kind === 'event' ? ` sha256:${base58(sha256(canonical(payload.document)))}` : '';
  return `ls1:${tag.text}${text}`;
}

// Reading parameters; whatever is wrong becomes the JSON-RPC error that a node gives.
import { PACKET_BASE58_MAX, PACKET_BASE64_MAX, PACKET_BYTES_MAX, readTransaction, unbase58 } from './codec.mjs';

export class RpcError extends Error {
  constructor(code, message, data) {
    super(message);
    Object.assign(this, { code, data });
  }
}
export const invalid = message => new RpcError(-32602, message);

export function addressParam(text) {
  if (typeof text !== 'string') throw invalid('Invalid params: expected a base58 address');
  if (unbase58(text)?.length !== 32) throw invalid('Invalid param: WrongSize');
  return text;
}

export function signatureParam(text) {
  if (typeof text !== 'string') throw invalid('Invalid params: expected a base58 signature');
  if (unbase58(text)?.length !== 64) throw invalid('Invalid param: WrongSize');
  return text;
}

export function numberParam(value, what) {
  if (!Number.isSafeInteger(value) || value < 0) throw invalid(`Invalid params: expected ${what}, a u64`);
  return value;
}

export function listParam(value, max) {
  if (!Array.isArray(value)) throw invalid('Invalid params: expected a sequence');
  if (value.length > max) throw invalid(`Too many inputs provided; max ${max}`);
  return value;
}

export function configParam(value) {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw invalid('Invalid params: expected a configuration object');
  return value;
}

export function commitmentOf(name = 'finalized', least = 'processed') {
  const levels = ['processed', 'confirmed', 'finalized'];
  if (!levels.includes(name)) throw invalid(`Invalid params: unknown variant \`${name}\`, expected a commitment level`);
  if (levels.indexOf(name) < levels.indexOf(least)) {
    throw invalid('Method does not support commitment below `confirmed`');
  }
  return name;
}

export function requireSlot(chain, config, commitment) {
  const wanted = config.minContextSlot;
  const { slot } = chain.tip(commitment);
  if (wanted !== undefined && slot < numberParam(wanted, 'minContextSlot')) {
    throw new RpcError(-32016, 'Minimum context slot has not been reached', { contextSlot: slot });
  }
}

// The bytes behind an encoded transaction. The default encoding is base58.
function decodeTransaction(text, encoding) {
  if (typeof text !== 'string') throw invalid('Invalid params: expected an encoded transaction');
  if (!['base58', 'base64'].includes(encoding)) throw invalid(`unsupported encoding: ${encoding}. Supported encodings: base58, base64`);
  const max = encoding === 'base64' ? PACKET_BASE64_MAX : PACKET_BASE58_MAX;
  if (text.length > max) throw invalid(`${encoding} encoded transaction too large: ${text.length} bytes (max: encoded/raw ${max}/${PACKET_BYTES_MAX})`);
  if (encoding === 'base58') return unbase58(text) ?? fail('invalid base58 encoding');
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw invalid('invalid base64 encoding');
  return new Uint8Array(bytes);
}

function fail(message) {
  throw invalid(message);
}

export function transactionParam(text, encoding = 'base58') {
  const bytes = decodeTransaction(text, encoding);
  if (bytes.length > PACKET_BYTES_MAX) throw invalid(`decoded transaction too large: ${bytes.length} bytes (max: ${PACKET_BYTES_MAX} bytes)`);
  try {
    return readTransaction(bytes);
  } catch (error) {
    throw invalid(`failed to deserialize VersionedTransaction: ${error.message}`);
  }
}

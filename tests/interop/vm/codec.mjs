// Between bytes, base58, JSON and the VM's error objects.
import { createPublicKey, verify } from 'node:crypto';
import { getBase58Decoder, getBase58Encoder } from '@solana/kit';
import { VersionedTransaction } from '@solana/web3.js';
import vm from './vm.mjs';
import { INSTRUCTION_ERRORS, TRANSACTION_ERRORS } from './error_names.mjs';

export const PACKET_BYTES_MAX = 1232;
export const PACKET_BASE64_MAX = 1644;
export const PACKET_BASE58_MAX = 1683;
export const MEMO_PROGRAM = 'MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr';
const MEMO_V1_PROGRAM = 'Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo';

const encoder = getBase58Encoder();
const decoder = getBase58Decoder();

export const base58 = bytes => decoder.decode(bytes);

// The bytes of a base58 text, or null when it is not base58.
export function unbase58(text) {
  try {
    return new Uint8Array(encoder.encode(text));
  } catch {
    return null;
  }
}

// u64 values go out exactly: JSON has no bound, only JavaScript's numbers do.
export function toJson(value) {
  return JSON.stringify(value, (_, item) =>
    typeof item === 'bigint' ? JSON.rawJSON(item.toString()) : item);
}

const SENTENCES = {
  AccountNotFound: 'Attempt to debit an account but found no record of a prior credit.',
  AlreadyProcessed: 'This transaction has already been processed',
  BlockhashNotFound: 'Blockhash not found',
  InsufficientFundsForFee: 'Insufficient funds for fee',
  ProgramAccountNotFound: 'Attempt to load a program that does not exist',
  SignatureFailure: 'Transaction did not pass signature verification',
};

function instructionErrorToJson(err) {
  if (err instanceof vm.InstructionErrorCustom) return { Custom: err.code };
  if (typeof err === 'number') return INSTRUCTION_ERRORS[err];
  return { BorshIoError: err.msg };
}

// A TransactionError as the RPC writes it.
export function errorToJson(err) {
  if (typeof err === 'number') return TRANSACTION_ERRORS[err];
  if (err instanceof vm.TransactionErrorInstructionError) {
    return { InstructionError: [err.index, instructionErrorToJson(err.err())] };
  }
  if (err instanceof vm.TransactionErrorInsufficientFundsForRent) {
    return { InsufficientFundsForRent: { account_index: err.accountIndex } };
  }
  if (err instanceof vm.TransactionErrorDuplicateInstruction) return { DuplicateInstruction: err.index };
  return { ProgramExecutionTemporarilyRestricted: { account_index: err.accountIndex } };
}

export function errorSentence(err) {
  if (typeof err === 'string') return SENTENCES[err] ?? err;
  if (!err.InstructionError) return JSON.stringify(err);
  const [index, inner] = err.InstructionError;
  const what = inner.Custom === undefined ? JSON.stringify(inner) : `custom program error: 0x${inner.Custom.toString(16)}`;
  return `Error processing Instruction ${index}: ${what}`;
}

// A transaction read from bytes, or throws: exactly one, nothing left over.
export function readTransaction(bytes) {
  const tx = VersionedTransaction.deserialize(bytes);
  if (Buffer.compare(Buffer.from(tx.serialize()), Buffer.from(bytes)) !== 0) throw new Error('trailing bytes');
  const { message } = tx;
  const addresses = message.staticAccountKeys.map(key => key.toBase58());
  return {
    bytes, message, addresses, version: tx.version,
    signatures: tx.signatures.map(base58),
    signature: base58(tx.signatures[0]),
    blockhash: message.recentBlockhash,
    memo: memoOf(message, addresses),
    isSigned: isSigned(tx, message.serialize()),
  };
}

const ED25519_DER = Buffer.from('302a300506032b6570032100', 'hex'); // in front of a raw public key

function isSigned({ signatures, message }, signed) {
  return signatures.every((signature, index) => {
    const der = Buffer.concat([ED25519_DER, message.staticAccountKeys[index].toBytes()]);
    return verify(null, signed, createPublicKey({ key: der, format: 'der', type: 'spki' }), signature);
  });
}

// The bytes with another blockhash in its place; the signatures no longer fit.
export function withBlockhash({ bytes, message, addresses, version, signatures }, blockhash) {
  const versionBytes = version === 'legacy' ? 0 : 1;
  const at = 1 + 64 * signatures.length + versionBytes + 3 + 1 + 32 * addresses.length;
  const changed = Uint8Array.from(bytes);
  if (base58(changed.subarray(at, at + 32)) !== message.recentBlockhash) throw new Error('the blockhash does not stand where it is looked for');
  changed.set(unbase58(blockhash), at);
  return changed;
}

// What a node shows as `memo` in getSignaturesForAddress: every memo, "[bytes] text".
function memoOf(message, addresses) {
  const memos = message.compiledInstructions
    .filter(one => [MEMO_PROGRAM, MEMO_V1_PROGRAM].includes(addresses[one.programIdIndex]))
    .map(one => `[${one.data.length}] ${Buffer.from(one.data).toString('utf8')}`);
  return memos.length > 0 ? memos.join('; ') : null;
}

// Durable nonces, as the bank plays them around the VM. The VM executes AdvanceNonceAccount and
// InitializeNonceAccount; the bank decides whether a nonce lets a transaction in, and keeps the nonce
// moved where the transaction failed. The rules are those of the validator's runtime: a transaction
// whose blockhash is not recent is taken when its first instruction is System's AdvanceNonceAccount, on an
// account that it may write, which holds this very value, and whose authority signs that instruction.
import { createHash } from 'node:crypto';
import { SystemProgram } from '@solana/web3.js';
import { base58, unbase58 } from './codec.mjs';

const SYSTEM = SystemProgram.programId.toBase58();
const ADVANCE = 4;
const ACCOUNT_BYTES = 80;
const VERSION_CURRENT = 1; // the values of legacy accounts let nothing in
const INITIALIZED = 1;
const AUTHORITY_AT = 8;
const VALUE_AT = 40;
const FEE_AT = 72;
const LAMPORTS_PER_SIGNATURE = 5000n;

// The value that an account takes under a bank whose last blockhash is this one.
export const durableNonce = blockhash => base58(createHash('sha256').update('DURABLE_NONCE').update(unbase58(blockhash)).digest());

// The nonce account that a transaction names first and who has signed for it, or null.
function nonceOf({ message, addresses }) {
  const [first] = message.compiledInstructions;
  if (!first || addresses[first.programIdIndex] !== SYSTEM) return null;
  const data = Buffer.from(first.data);
  const [index] = first.accountKeyIndexes;
  if (data.length < 4 || data.readUInt32LE(0) !== ADVANCE || index === undefined) return null;
  if (index >= addresses.length || !message.isAccountWritable(index)) return null;
  const signers = first.accountKeyIndexes.filter(one => message.isAccountSigner(one)).map(one => addresses[one]);
  return { address: addresses[index], signers };
}

function readNonce(account) {
  if (account === null || account.owner !== SYSTEM || account.data.length !== ACCOUNT_BYTES) return null;
  if (account.data.readUInt32LE(0) !== VERSION_CURRENT || account.data.readUInt32LE(4) !== INITIALIZED) return null;
  return { authority: base58(account.data.subarray(AUTHORITY_AT, VALUE_AT)), value: base58(account.data.subarray(VALUE_AT, FEE_AT)) };
}

// The nonce account that lets the transaction into a bank whose last blockhash is `blockhash`, or
// null. `accountAt` gives an account by its address, as that bank has it.
export function nonceUsed(tx, accountAt, blockhash) {
  if (tx.blockhash === durableNonce(blockhash)) return null; // it moved under this bank already
  const used = nonceOf(tx);
  const nonce = used && readNonce(accountAt(used.address));
  const isUsable = nonce !== null && nonce.value === tx.blockhash && used.signers.includes(nonce.authority);
  return isUsable ? used.address : null;
}

// A nonce account's data moved on by hand: what stays of a transaction that failed.
export function advanced(data, blockhash) {
  const moved = Buffer.from(data);
  moved.set(unbase58(durableNonce(blockhash)), VALUE_AT);
  moved.writeBigUInt64LE(LAMPORTS_PER_SIGNATURE, FEE_AT);
  return moved;
}

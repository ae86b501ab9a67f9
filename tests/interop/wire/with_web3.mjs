// The same operations by @solana/web3.js, @solana/spl-token and @solana/spl-memo.
import { createMemoInstruction } from '@solana/spl-memo';
import {
  ExtensionType, MINT_SIZE, TOKEN_2022_PROGRAM_ID, TOKEN_PROGRAM_ID, createAssociatedTokenAccountIdempotentInstruction,
  createBurnInstruction, createInitializeMetadataPointerInstruction, createInitializeMint2Instruction, createMintToInstruction,
  createTransferInstruction, getAssociatedTokenAddressSync, getMintLen,
} from '@solana/spl-token';
import { createInitializeInstruction } from '@solana/spl-token-metadata';
import { ComputeBudgetProgram, PublicKey, SystemProgram, TransactionInstruction, TransactionMessage, VersionedTransaction } from '@solana/web3.js';
import { hasMetadata, metadataOf, spaceOf } from './space.mjs';
import { dataOf, memoOf, tagOf } from './tag.mjs';

export const ataOf = (owner, mint, program = TOKEN_PROGRAM_ID) => getAssociatedTokenAddressSync(mint, owner, true, program);

const programOf = payload => (payload.owner ? new PublicKey(payload.owner) : tokenProgramOf(payload));
const tokenProgramOf = payload => (payload.program === 'token-2022' ? TOKEN_2022_PROGRAM_ID : TOKEN_PROGRAM_ID);

// The address of what an operation creates.
export function createdOf(setup, { key, payload }) {
  return PublicKey.createWithSeed(setup.signers[0].publicKey, tagOf(setup, key).seed, programOf(payload));
}

// The account that excludes a second landing: what the operation creates, or one of its own without data.
export function markerOf(setup, one) {
  if (['token.create_mint', 'account.create'].includes(one.kind)) return createdOf(setup, one);
  return PublicKey.createWithSeed(setup.signers[0].publicKey, tagOf(setup, one.key).marker, SystemProgram.programId);
}

async function markerInstructions(setup, one) {
  if (!one.marker || ['token.create_mint', 'account.create'].includes(one.kind)) return [];
  const payer = setup.signers[0].publicKey;
  return [SystemProgram.createAccountWithSeed({
    fromPubkey: payer, newAccountPubkey: await markerOf(setup, one), basePubkey: payer, seed: tagOf(setup, one.key).marker,
    lamports: Number(setup.rentOf(0)), space: 0, programId: SystemProgram.programId,
  })];
}

// What a created account holds, back to the payer who is its base.
export async function takeBackWithWeb3(setup, { seed, lamports }) {
  const payer = setup.signers[0].publicKey;
  const message = new TransactionMessage({
    payerKey: payer, recentBlockhash: setup.blockhash,
    instructions: [SystemProgram.transfer({
      fromPubkey: await PublicKey.createWithSeed(payer, seed, SystemProgram.programId), basePubkey: payer, toPubkey: payer,
      lamports: BigInt(lamports), seed, programId: SystemProgram.programId,
    })],
  }).compileToLegacyMessage();
  const tx = new VersionedTransaction(message);
  tx.sign([setup.signers[0]]);
  return tx.serialize();
}

// The mint of a create_mint on the classic program.
export const mintOf = (setup, key) => createdOf(setup, { key, payload: {} });

// Which compute units the transaction may use, and what one of them costs in micro-lamports.
function budgetInstructions({ budget: { limit, price } = {} }) {
  return [
    ...limit ? [ComputeBudgetProgram.setComputeUnitLimit({ units: limit })] : [],
    ...price ? [ComputeBudgetProgram.setComputeUnitPrice({ microLamports: price })] : [],
  ];
}

async function createMint(setup, one) {
  const { key, payload } = one;
  const payer = setup.signers[0].publicKey;
  const mint = await createdOf(setup, one);
  const program = programOf(payload);
  const isNamed = hasMetadata(payload);
  const list = [
    SystemProgram.createAccountWithSeed({
      fromPubkey: payer, newAccountPubkey: mint, basePubkey: payer, seed: tagOf(setup, key).seed,
      lamports: Number(setup.rentOf(spaceOf(one))), space: isNamed ? getMintLen([ExtensionType.MetadataPointer]) : MINT_SIZE, programId: program,
    }),
    createInitializeMint2Instruction(mint, payload.decimals, payer, null, program),
  ];
  if (!isNamed) return list;
  const { name, symbol, uri } = metadataOf(payload);
  return [
    list[0], createInitializeMetadataPointerInstruction(mint, payer, mint, program), list[1],
    createInitializeInstruction({ programId: program, metadata: mint, updateAuthority: payer, mint, mintAuthority: payer, name, symbol, uri }),
  ];
}

async function createAccount(setup, one) {
  const payer = setup.signers[0].publicKey;
  return SystemProgram.createAccountWithSeed({
    fromPubkey: payer, newAccountPubkey: await createdOf(setup, one), basePubkey: payer, seed: tagOf(setup, one.key).seed,
    lamports: Number(setup.rentOf(spaceOf(one))), space: one.payload.space, programId: new PublicKey(one.payload.owner),
  });
}

// What an account holds that the operation `from.key` created for `to` goes back.
async function reclaim(setup, { from, to }, lamports) {
  const { seed } = tagOf(setup, from.key);
  const base = new PublicKey(to);
  return SystemProgram.transfer({
    fromPubkey: await PublicKey.createWithSeed(base, seed, SystemProgram.programId), basePubkey: base, toPubkey: base, lamports, seed,
    programId: SystemProgram.programId,
  });
}

function invoke({ program, accounts = [], data }) {
  return new TransactionInstruction({
    programId: new PublicKey(program), data: dataOf(data),
    keys: accounts.map(({ address, signer = false, writable = false }) => ({ pubkey: new PublicKey(address), isSigner: signer, isWritable: writable })),
  });
}

function withAccountOf(setup, owner, mint, program, instruction) {
  const account = ataOf(owner, mint, program);
  const payer = setup.signers[0].publicKey;
  return [createAssociatedTokenAccountIdempotentInstruction(payer, account, owner, mint, program), instruction(account)];
}

async function instructionsOf(setup, one) {
  const payer = setup.signers[0].publicKey;
  const { kind, payload } = one;
  const key = name => new PublicKey(payload[name]);
  const amount = payload.lamports === 'all' ? 0n : BigInt(payload.amount ?? payload.lamports ?? 0);
  const from = typeof payload.from === 'string' ? key('from') : payer;
  const program = new PublicKey(one.owner ?? TOKEN_PROGRAM_ID);
  switch (kind) {
    case 'memo': case 'event': return [];
    case 'sol.transfer': return [payload.from?.key === undefined
      ? SystemProgram.transfer({ fromPubkey: from, toPubkey: key('to'), lamports: amount })
      : await reclaim(setup, payload, one.held)];
    case 'token.create_mint': return createMint(setup, one);
    case 'token.mint_to':
      return withAccountOf(setup, key('to'), key('mint'), program, account =>
        createMintToInstruction(key('mint'), account, payer, amount, [], program));
    case 'token.burn': return [createBurnInstruction(ataOf(from, key('mint'), program), key('mint'), from, amount, [], program)];
    case 'token.transfer':
      return withAccountOf(setup, key('to'), key('mint'), program, account =>
        createTransferInstruction(ataOf(from, key('mint'), program), account, from, amount, [], program));
    case 'account.create': return [await createAccount(setup, one)];
    case 'program.invoke': return [invoke(payload)];
    default: throw new Error(`no reference for ${kind}`);
  }
}

// { message, transaction }: bytes, signed by those of our signers that must.
export async function buildWithWeb3(setup, one) {
  const message = new TransactionMessage({
    payerKey: setup.signers[0].publicKey,
    recentBlockhash: setup.blockhash,
    instructions: [
      ...budgetInstructions(one), ...await markerInstructions(setup, one), ...await instructionsOf(setup, one),
      createMemoInstruction(memoOf(tagOf(setup, one.key), one)),
    ],
  }).compileToLegacyMessage();
  const tx = new VersionedTransaction(message);
  const required = message.accountKeys.slice(0, message.header.numRequiredSignatures).map(key => key.toBase58());
  tx.sign(setup.signers.filter(signer => required.includes(signer.publicKey.toBase58())));
  return { message: message.serialize(), transaction: tx.serialize() };
}

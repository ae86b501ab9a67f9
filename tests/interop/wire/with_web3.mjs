// The same operations by @solana/web3.js, @solana/spl-token and @solana/spl-memo.
import { createMemoInstruction } from '@solana/spl-memo';
import {
  MINT_SIZE, TOKEN_PROGRAM_ID, createAssociatedTokenAccountIdempotentInstruction, createBurnInstruction,
  createInitializeMint2Instruction, createMintToInstruction, createTransferInstruction, getAssociatedTokenAddressSync,
} from '@solana/spl-token';
import { PublicKey, SystemProgram, TransactionMessage, VersionedTransaction } from '@solana/web3.js';
import { memoOf, tagOf } from './tag.mjs';

export const ataOf = (owner, mint) => getAssociatedTokenAddressSync(mint, owner, true);

export function mintOf(setup, key) {
  return PublicKey.createWithSeed(setup.signers[0].publicKey, tagOf(setup, key).seed, TOKEN_PROGRAM_ID);
}

async function createMint(setup, { key, payload }) {
  const payer = setup.signers[0].publicKey;
  const mint = await mintOf(setup, key);
  return [
    SystemProgram.createAccountWithSeed({
      fromPubkey: payer, newAccountPubkey: mint, basePubkey: payer, seed: tagOf(setup, key).seed,
      lamports: Number(setup.mintRent), space: MINT_SIZE, programId: TOKEN_PROGRAM_ID,
    }),
    createInitializeMint2Instruction(mint, payload.decimals, payer, null),
  ];
}

function withAccountOf(setup, owner, mint, instruction) {
  const account = ataOf(owner, mint);
  const payer = setup.signers[0].publicKey;
  return [createAssociatedTokenAccountIdempotentInstruction(payer, account, owner, mint), instruction(account)];
}

async function instructionsOf(setup, one) {
  const payer = setup.signers[0].publicKey;
  const { kind, payload } = one;
  const key = name => new PublicKey(payload[name]);
  const amount = BigInt(payload.amount ?? payload.lamports ?? 0);
  const from = payload.from ? key('from') : payer;
  switch (kind) {
    case 'memo': case 'event': return [];
    case 'sol.transfer': return [SystemProgram.transfer({ fromPubkey: payer, toPubkey: key('to'), lamports: amount })];
    case 'token.create_mint': return createMint(setup, one);
    case 'token.mint_to':
      return withAccountOf(setup, key('to'), key('mint'), account => createMintToInstruction(key('mint'), account, payer, amount));
    case 'token.burn': return [createBurnInstruction(ataOf(from, key('mint')), key('mint'), from, amount)];
    case 'token.transfer':
      return withAccountOf(setup, key('to'), key('mint'), account =>
        createTransferInstruction(ataOf(from, key('mint')), account, from, amount));
    default: throw new Error(`no reference for ${kind}`);
  }
}

// { message, transaction }: bytes, signed by those of our signers that must.
export async function buildWithWeb3(setup, one) {
  const message = new TransactionMessage({
    payerKey: setup.signers[0].publicKey,
    recentBlockhash: setup.blockhash,
    instructions: [...await instructionsOf(setup, one), createMemoInstruction(memoOf(tagOf(setup, one.key), one))],
  }).compileToLegacyMessage();
  const tx = new VersionedTransaction(message);
  const required = message.accountKeys.slice(0, message.header.numRequiredSignatures).map(key => key.toBase58());
  tx.sign(setup.signers.filter(signer => required.includes(signer.publicKey.toBase58())));
  return { message: message.serialize(), transaction: tx.serialize() };
}

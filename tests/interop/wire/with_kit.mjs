// The same operations by @solana/kit and the @solana-program clients: a second opinion.
import { getAddMemoInstruction } from '@solana-program/memo';
import { getCreateAccountWithSeedInstruction, getTransferSolInstruction } from '@solana-program/system';
import {
  TOKEN_PROGRAM_ADDRESS, findAssociatedTokenPda, getBurnInstruction, getCreateAssociatedTokenIdempotentInstruction,
  getInitializeMint2Instruction, getMintToInstruction, getTransferInstruction,
} from '@solana-program/token';
import {
  appendTransactionMessageInstructions, compileTransaction, createAddressWithSeed, createNoopSigner,
  createTransactionMessage, getCompiledTransactionMessageDecoder, pipe, setTransactionMessageFeePayer,
  setTransactionMessageLifetimeUsingBlockhash,
} from '@solana/kit';
import { MEMO_PROGRAM } from '../vm/codec.mjs';
import { memoOf, tagOf } from './tag.mjs';

const MINT_BYTES = 82;

async function ataOf(owner, mint) {
  return (await findAssociatedTokenPda({ owner, mint, tokenProgram: TOKEN_PROGRAM_ADDRESS }))[0];
}

async function createMint(payer, setup, { key, payload }) {
  const { seed } = tagOf(setup, key);
  const mint = await createAddressWithSeed({ baseAddress: payer.address, seed, programAddress: TOKEN_PROGRAM_ADDRESS });
  return [
    getCreateAccountWithSeedInstruction({
      payer, newAccount: mint, base: payer.address, seed, amount: setup.mintRent, space: MINT_BYTES,
      programAddress: TOKEN_PROGRAM_ADDRESS,
    }),
    getInitializeMint2Instruction({ mint, decimals: payload.decimals, mintAuthority: payer.address }),
  ];
}

async function instructionsOf(payer, setup, one) {
  const { kind, payload: { mint, to, from = payer.address, ...payload } } = one;
  const amount = BigInt(payload.amount ?? payload.lamports ?? 0);
  const authority = from === payer.address ? payer : createNoopSigner(from);
  const withAccount = async instruction => {
    const ata = await ataOf(to, mint);
    return [getCreateAssociatedTokenIdempotentInstruction({ payer, ata, owner: to, mint }), instruction(ata)];
  };
  switch (kind) {
    case 'memo': case 'event': return [];
    case 'sol.transfer': return [getTransferSolInstruction({ source: payer, destination: to, amount })];
    case 'token.create_mint': return createMint(payer, setup, one);
    case 'token.mint_to': return withAccount(token => getMintToInstruction({ mint, token, mintAuthority: payer, amount }));
    case 'token.burn': return [getBurnInstruction({ account: await ataOf(from, mint), mint, authority, amount })];
    case 'token.transfer': {
      const source = await ataOf(from, mint);
      return withAccount(destination => getTransferInstruction({ source, destination, authority, amount }));
    }
    default: throw new Error(`no reference for ${kind}`);
  }
}

// The client's own default is memo v4's address; lockstep writes to v3's.
export async function buildWithKit(setup, one) {
  const payer = createNoopSigner(setup.signers[0].publicKey.toBase58());
  const memo = getAddMemoInstruction({ memo: memoOf(tagOf(setup, one.key), one) }, { programAddress: MEMO_PROGRAM });
  const instructions = [...await instructionsOf(payer, setup, one), memo];
  const message = pipe(
    createTransactionMessage({ version: 'legacy' }),
    draft => setTransactionMessageFeePayer(payer.address, draft),
    draft => setTransactionMessageLifetimeUsingBlockhash({ blockhash: setup.blockhash, lastValidBlockHeight: 0n }, draft),
    draft => appendTransactionMessageInstructions(instructions, draft),
  );
  return new Uint8Array(compileTransaction(message).messageBytes);
}

// A message without its one freedom, the order of accounts inside a class.
export function meaningOf(messageBytes) {
  const { header, staticAccounts, instructions, lifetimeToken } = getCompiledTransactionMessageDecoder().decode(messageBytes);
  const roleOf = index => {
    const isSigner = index < header.numSignerAccounts;
    const isWritable = isSigner ? index < header.numSignerAccounts - header.numReadonlySignerAccounts
      : index < staticAccounts.length - header.numReadonlyNonSignerAccounts;
    return `${isSigner ? 'signer' : ''} ${isWritable ? 'writable' : ''}`;
  };
  return {
    payer: staticAccounts[0], lifetimeToken,
    accounts: staticAccounts.map((address, index) => `${address} ${roleOf(index)}`).sort(),
    instructions: instructions.map(one => ({
      program: staticAccounts[one.programAddressIndex],
      accounts: (one.accountIndices ?? []).map(index => staticAccounts[index]),
      data: Buffer.from(one.data ?? []).toString('hex'),
    })),
  };
}

// The same operations by @solana/kit and the @solana-program clients: a second opinion.
import { getSetComputeUnitLimitInstruction, getSetComputeUnitPriceInstruction } from '@solana-program/compute-budget';
import { getAddMemoInstruction } from '@solana-program/memo';
import {
  SYSTEM_PROGRAM_ADDRESS, getCreateAccountWithSeedInstruction, getTransferSolInstruction, getTransferSolWithSeedInstruction,
} from '@solana-program/system';
import {
  TOKEN_PROGRAM_ADDRESS, findAssociatedTokenPda, getBurnInstruction, getCreateAssociatedTokenIdempotentInstruction,
  getInitializeMint2Instruction, getMintToInstruction, getTransferInstruction,
} from '@solana-program/token';
import {
  TOKEN_2022_PROGRAM_ADDRESS, getInitializeMetadataPointerInstruction, getInitializeTokenMetadataInstruction,
} from '@solana-program/token-2022';
import {
  appendTransactionMessageInstructions, compileTransaction, createAddressWithSeed, createNoopSigner,
  createTransactionMessage, getCompiledTransactionMessageDecoder, pipe, setTransactionMessageFeePayer,
  setTransactionMessageLifetimeUsingBlockhash,
} from '@solana/kit';
import { MEMO_PROGRAM } from '../vm/codec.mjs';
import { hasMetadata, metadataOf, spaceOf } from './space.mjs';
import { dataOf, memoOf, tagOf } from './tag.mjs';

const SYSTEM_PROGRAM = '11111111111111111111111111111111';
const MINT_BYTES = 82;
const POINTED_MINT_BYTES = 234;

async function ataOf(owner, mint, tokenProgram) {
  return (await findAssociatedTokenPda({ owner, mint, tokenProgram }))[0];
}

async function createMint(payer, setup, one) {
  const { key, payload } = one;
  const { seed } = tagOf(setup, key);
  const programAddress = payload.program === 'token-2022' ? TOKEN_2022_PROGRAM_ADDRESS : TOKEN_PROGRAM_ADDRESS;
  const mint = await createAddressWithSeed({ baseAddress: payer.address, seed, programAddress });
  const isNamed = hasMetadata(payload);
  const creation = getCreateAccountWithSeedInstruction({
    payer, newAccount: mint, base: payer.address, seed, amount: setup.rentOf(spaceOf(one)), programAddress,
    space: isNamed ? POINTED_MINT_BYTES : MINT_BYTES,
  });
  const initialize = getInitializeMint2Instruction({ mint, decimals: payload.decimals, mintAuthority: payer.address }, { programAddress });
  if (!isNamed) return [creation, initialize];
  const { name, symbol, uri } = metadataOf(payload);
  return [
    creation, getInitializeMetadataPointerInstruction({ mint, authority: payer.address, metadataAddress: mint }), initialize,
    getInitializeTokenMetadataInstruction({ metadata: mint, updateAuthority: payer.address, mint, mintAuthority: payer, name, symbol, uri }),
  ];
}

async function createAccount(payer, setup, one) {
  const { seed } = tagOf(setup, one.key);
  const { space, owner } = one.payload;
  const newAccount = await createAddressWithSeed({ baseAddress: payer.address, seed, programAddress: owner });
  return getCreateAccountWithSeedInstruction({
    payer, newAccount, base: payer.address, seed, amount: setup.rentOf(space), programAddress: owner, space,
  });
}

async function reclaim(setup, { payload: { from, to }, held }) {
  const { seed } = tagOf(setup, from.key);
  const source = await createAddressWithSeed({ baseAddress: to, seed, programAddress: SYSTEM_PROGRAM });
  return getTransferSolWithSeedInstruction({
    source, baseAccount: createNoopSigner(to), destination: to, amount: held, fromSeed: seed, fromOwner: SYSTEM_PROGRAM,
  });
}

function invoke({ program, accounts = [], data }) {
  return {
    programAddress: program, data: new Uint8Array(dataOf(data)),
    accounts: accounts.map(({ address, signer = false, writable = false }) => ({
      address, role: (signer ? 2 : 0) + (writable ? 1 : 0), ...signer ? { signer: createNoopSigner(address) } : {},
    })),
  };
}

async function instructionsOf(payer, setup, one) {
  const { kind, payload: { mint, to, ...payload } } = one;
  const from = typeof payload.from === 'string' ? payload.from : payer.address;
  const amount = payload.lamports === 'all' ? 0n : BigInt(payload.amount ?? payload.lamports ?? 0);
  const authority = from === payer.address ? payer : createNoopSigner(from);
  const programAddress = one.owner ?? TOKEN_PROGRAM_ADDRESS;
  const by = { programAddress };
  const withAccount = async instruction => {
    const ata = await ataOf(to, mint, programAddress);
    return [getCreateAssociatedTokenIdempotentInstruction({ payer, ata, owner: to, mint, tokenProgram: programAddress }), instruction(ata)];
  };
  switch (kind) {
    case 'memo': case 'event': return [];
    case 'sol.transfer': return [payload.from?.key === undefined
      ? getTransferSolInstruction({ source: authority, destination: to, amount })
      : await reclaim(setup, one)];
    case 'token.create_mint': return createMint(payer, setup, one);
    case 'token.mint_to': return withAccount(token => getMintToInstruction({ mint, token, mintAuthority: payer, amount }, by));
    case 'token.burn': return [getBurnInstruction({ account: await ataOf(from, mint, programAddress), mint, authority, amount }, by)];
    case 'token.transfer': {
      const source = await ataOf(from, mint, programAddress);
      return withAccount(destination => getTransferInstruction({ source, destination, authority, amount }, by));
    }
    case 'account.create': return [await createAccount(payer, setup, one)];
    case 'program.invoke': return [invoke(one.payload)];
    default: throw new Error(`no reference for ${kind}`);
  }
}

async function markerInstructions(payer, setup, one) {
  if (!one.marker || ['token.create_mint', 'account.create'].includes(one.kind)) return [];
  const { marker: seed } = tagOf(setup, one.key);
  const newAccount = await createAddressWithSeed({ baseAddress: payer.address, seed, programAddress: SYSTEM_PROGRAM_ADDRESS });
  return [getCreateAccountWithSeedInstruction({
    payer, newAccount, base: payer.address, seed, amount: setup.rentOf(0), space: 0, programAddress: SYSTEM_PROGRAM_ADDRESS,
  })];
}

function budgetInstructions({ budget: { limit, price } = {} }) {
  return [
    ...limit ? [getSetComputeUnitLimitInstruction({ units: limit })] : [],
    ...price ? [getSetComputeUnitPriceInstruction({ microLamports: price })] : [],
  ];
}

// The client's own default is memo v4's address; lockstep writes to v3's.
export async function buildWithKit(setup, one) {
  const payer = createNoopSigner(setup.signers[0].publicKey.toBase58());
  const memo = getAddMemoInstruction({ memo: memoOf(tagOf(setup, one.key), one) }, { programAddress: MEMO_PROGRAM });
  const instructions = [...budgetInstructions(one), ...await markerInstructions(payer, setup, one), ...await instructionsOf(payer, setup, one), memo];
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

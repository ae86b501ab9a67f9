// Which operations are built: a fixed list of corners, then random ones.
import { TOKEN_2022_PROGRAM_ID, TOKEN_PROGRAM_ID } from '@solana/spl-token';
import { Keypair, PublicKey } from '@solana/web3.js';
import { MEMO_PROGRAM, base58 } from '../vm/codec.mjs';

const SYSTEM_PROGRAM = '11111111111111111111111111111111';
const U64_MAX = (2n ** 64n - 1n).toString();
const UNITS_MAX = 1_400_000;
// What a transaction may use and what it offers for a unit; either or both stand in it.
const BUDGETS = [
  { limit: UNITS_MAX, price: 1n }, { limit: 1 }, { price: 2n ** 53n - 1n }, { limit: 200_000, price: 2n ** 64n - 1n }, { limit: 2 ** 32 - 1, price: 1_000_000n },
];

// Keys and hashes that a run shares; the payer is the first signer.
export function makeSetup(random) {
  const seeds = [random.bytes(32), random.bytes(32)];
  return {
    seeds, signers: seeds.map(seed => Keypair.fromSeed(seed)), tagKey: random.bytes(32),
    genesis: base58(random.bytes(32)), blockhash: base58(random.bytes(32)),
    rentOf: space => (BigInt(space) + 128n) * 6960n,
  };
}

const anyAddress = random => new PublicKey(random.bytes(32)).toBase58(); // often not on the curve
const anyWallet = random => Keypair.fromSeed(random.bytes(32)).publicKey.toBase58();

export function fixedCases(setup, random) {
  const [payer, other] = setup.signers.map(signer => signer.publicKey.toBase58());
  const mint = anyWallet(random);
  const wallet = anyWallet(random);
  const list = [
    ['memo', { text: 'x' }],
    ['memo', { text: 'm'.repeat(700) }],
    ['memo', { text: 'quote " slash \\ newline \n 語 🙂' }],
    ['event', { type: 'proposal.closed', subject: '17', document: {} }],
    ['event', { type: 'a', subject: 'b', document: { b: [1, 2.5, 1e21, -0], a: { z: null, é: '\u0007' } } }],
    ['sol.transfer', { to: wallet, lamports: '1' }],
    ['sol.transfer', { to: wallet, lamports: U64_MAX }],
    ['sol.transfer', { to: payer, lamports: '7' }],
    ['token.create_mint', { decimals: 0 }],
    ['token.create_mint', { decimals: 9, program: 'token' }],
    ['token.create_mint', { decimals: 6, program: 'token-2022' }],
    ['token.create_mint', { decimals: 0, program: 'token-2022', name: 'Share', symbol: 'SHR', uri: 'https://shares.example/a.json' }],
    ['token.create_mint', { decimals: 0, program: 'token-2022', name: 'n'.repeat(37) }],
    ['token.create_mint', { decimals: 9, program: 'token-2022', name: '語'.repeat(100), symbol: 's'.repeat(100), uri: 'u'.repeat(100) }],
    ['token.mint_to', { mint, to: wallet, amount: '5' }],
    ['token.mint_to', { mint, to: payer, amount: U64_MAX }],
    ['token.mint_to', { mint, to: anyAddress(random), amount: '1' }],
    ['token.burn', { mint, amount: '5' }],
    ['token.burn', { mint, from: payer, amount: '5' }],
    ['token.burn', { mint, from: other, amount: '5' }],
    ['token.transfer', { mint, to: wallet, amount: '5' }],
    ['token.transfer', { mint, from: payer, to: other, amount: '5' }],
    ['token.transfer', { mint, from: other, to: payer, amount: '5' }],
    ['token.transfer', { mint, from: other, to: wallet, amount: '5' }],
    ['sol.transfer', { from: other, to: wallet, lamports: '3' }],
    ['sol.transfer', { from: other, to: payer, lamports: '3', void: 'a signature' }],
    ['sol.transfer', { from: { key: 'account:1' }, to: payer, lamports: 'all', void: 'a signature' }],
    ['sol.transfer', { from: { key: 'account:1' }, to: other, lamports: 'all' }],
    ['account.create', { space: 0, owner: SYSTEM_PROGRAM }],
    ['account.create', { space: 10485760, owner: wallet }],
    ['program.invoke', { program: wallet }],
    ['program.invoke', { program: MEMO_PROGRAM, accounts: [{ address: other, signer: true }], data: { utf8: 'hello 語' } }],
    ['program.invoke', { program: wallet, accounts: [{ address: payer }, { address: other, writable: true }, { address: other, signer: true }, { address: mint, writable: false }],
      data: { hex: '00ffA5' }, compensate: { program: wallet } }],
    ['program.invoke', { program: TOKEN_PROGRAM_ID.toBase58(), accounts: [{ address: mint, writable: true }, { address: payer, signer: true }], data: { base64: 'BgAA' }, void: 'a signature' }],
    ['program.invoke', { program: wallet, data: { json: { b: [1, 2.5], a: '語' } } }],
    ['token.mint_to', { mint, to: wallet, amount: '5' }, TOKEN_2022_PROGRAM_ID],
    ['token.burn', { mint, from: other, amount: '5' }, TOKEN_2022_PROGRAM_ID],
    ['token.transfer', { mint, from: other, to: payer, amount: '5' }, TOKEN_2022_PROGRAM_ID],
  ];
  const made = ([kind, payload, owner = TOKEN_PROGRAM_ID], index, marker, budget) =>
    ({ kind, payload, owner: owner.toBase58(), key: `fixed:${index}`, held: 890880n, marker, budget });
  const withBudget = list.filter(([, { text }]) => text === undefined || text.length < 100); // a full memo leaves no room for it
  return [
    ...list.flatMap((row, index) => [false, true].map(marker => made(row, index, marker))),
    ...withBudget.map((row, index) => made(row, index, index % 2 === 1, BUDGETS[index % BUDGETS.length])),
  ];
}

export function randomCase(setup, random) {
  const own = setup.signers.map(signer => signer.publicKey.toBase58());
  const amount = (random.u64() || 1n).toString();
  const to = random.pick([anyWallet(random), anyAddress(random), ...own]);
  const mint = anyAddress(random);
  const from = random.pick(own);
  const owner = random.pick([TOKEN_PROGRAM_ID, TOKEN_2022_PROGRAM_ID]).toBase58();
  const [kind, payload] = random.pick([
    () => ['memo', { text: random.text(700) }],
    () => ['event', { type: random.text(20), subject: random.text(20), document: { [random.text(5)]: random.document(), [random.text(5)]: random.document() } }],
    () => ['sol.transfer', { to, lamports: amount }],
    () => ['token.create_mint', { decimals: random.below(10) }],
    () => ['token.create_mint', { decimals: random.below(10), program: 'token-2022', name: random.text(200), symbol: random.text(60), uri: random.text(240) }],
    () => ['sol.transfer', { from, to, lamports: amount }],
    () => ['account.create', { space: random.below(10 << 20), owner: anyAddress(random) }],
    () => ['program.invoke', {
      program: anyAddress(random),
      accounts: Array.from({ length: random.below(8) }, () => {
        const signer = random.below(3) === 0;
        return { address: signer ? random.pick(own) : anyAddress(random), signer, writable: random.below(2) === 0 };
      }),
      data: random.pick([() => ({ hex: Buffer.from(random.bytes(random.below(300))).toString('hex') }), () => ({ base64: Buffer.from(random.bytes(random.below(300))).toString('base64') }),
        () => ({ utf8: random.text(300) }), () => ({ json: random.document() })])(),
    }],
    () => ['token.mint_to', { mint, to, amount }],
    () => ['token.burn', { mint, from, amount }],
    () => ['token.transfer', { mint, from, to, amount }],
  ])();
  const hasRoom = (payload.text ?? '').length < 100 && kind !== 'program.invoke';
  const budget = { limit: random.below(3) === 0 ? 0 : 1 + random.below(UNITS_MAX), price: random.below(3) === 0 ? 0n : random.u64() };
  return { kind, payload, owner, key: random.text(60), marker: random.below(2) === 1, budget: hasRoom ? budget : undefined };
}

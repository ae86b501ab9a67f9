// Every kind, built and signed by our code, on the real VM: what it does to accounts.
import assert from 'node:assert/strict';
import {
  AccountLayout, MintLayout, TOKEN_2022_PROGRAM_ID, TOKEN_PROGRAM_ID, getTokenMetadata, unpackMint,
} from '@solana/spl-token';
import { Keypair, PublicKey } from '@solana/web3.js';
import { check } from './checks.mjs';
import { MEMO_PROGRAM, errorToJson, readTransaction } from './vm/codec.mjs';
import vm, { memoV3 } from './vm/vm.mjs';
import { makeSetup } from './wire/cases.mjs';
import { Random } from './wire/random.mjs';
import { memoOf, tagOf } from './wire/tag.mjs';
import { runVectors, unhex } from './wire/vectors.mjs';
import { ataOf, createdOf } from './wire/with_web3.mjs';

const FEE = 5000n;

// The programs that stand at the memo's address: v4, which the VM brings, and v3, which
// clusters have had for years. v3 writes the text into the log, so it needs far more units.
const MEMO_V3_LETTERS_MAX = 565; // within the 200,000 units that a transaction has by default
const MEMO_V3_IDEOGRAPHS_MAX = 17;

class World {
  constructor(program, seed, memo) {
    this.program = program;
    this.memo = memo;
    this.random = new Random(seed);
    this.setup = makeSetup(this.random);
    this.svm = new vm.LiteSvm();
    const memoAddress = new PublicKey(MEMO_PROGRAM).toBytes();
    if (memo === 'memo v3') this.svm.addProgram(memoAddress, memoV3(memoAddress));
    this.setup.rentOf = space => this.svm.minimumBalanceForRentExemption(BigInt(space));
    [this.payer, this.other] = this.setup.signers.map(signer => signer.publicKey);
    this.alice = Keypair.fromSeed(this.random.bytes(32)).publicKey;
    for (const one of [this.payer, this.other]) this.svm.airdrop(one.toBytes(), 10n ** 10n);
  }

  lamports(address) {
    return this.svm.getBalance(address.toBytes()) ?? 0n;
  }

  mintState(mint) {
    return MintLayout.decode(Buffer.from(this.svm.getAccount(mint.toBytes()).data()));
  }

  tokens(owner, mint, program = TOKEN_PROGRAM_ID) {
    const account = this.svm.getAccount(ataOf(owner, mint, program).toBytes());
    return account ? AccountLayout.decode(Buffer.from(account.data())).amount : null;
  }

  account(address) {
    const account = this.svm.getAccount(address.toBytes());
    return { owner: new PublicKey(account.owner()), data: Buffer.from(account.data()), lamports: account.lamports() };
  }

  // Build with our code for the VM's blockhash and land it.
  land(kind, payload, key, owner = TOKEN_PROGRAM_ID, marker = false, budget = undefined) {
    this.svm.expireBlockhash();
    this.setup.blockhash = this.svm.latestBlockhash();
    const one = { kind, payload, key, owner: owner.toBase58(), held: this.held, marker, budget };
    const result = runVectors(this.program, this.setup, { cases: [one] }).cases[0];
    assert.equal(result.refused, undefined, result.why);
    return {
      ...this.landBytes(unhex(result.transaction)), one, created: result.created && new PublicKey(result.created), space: result.space,
      marker: result.marker && new PublicKey(result.marker),
    };
  }

  // Take what a marker holds back to the payer.
  takeBack(key, lamports) {
    this.svm.expireBlockhash();
    this.setup.blockhash = this.svm.latestBlockhash();
    const seeded = [{ seed: tagOf(this.setup, key).marker, lamports: lamports.toString() }];
    return this.landBytes(unhex(runVectors(this.program, this.setup, { seeded }).seeded[0]));
  }

  landBytes(bytes) {
    const before = this.lamports(this.payer);
    const outcome = this.svm.sendLegacyTransaction(bytes);
    const hasFailed = outcome instanceof vm.FailedTransactionMetadata;
    return {
      bytes, err: hasFailed ? errorToJson(outcome.err()) : null,
      logs: (hasFailed ? outcome.meta() : outcome).logs(), paid: before - this.lamports(this.payer),
    };
  }

  assertLanded({ err, logs, bytes, one }) {
    assert.equal(err, null, JSON.stringify(err));
    const text = memoOf(tagOf(this.setup, one.key), one);
    assert.equal(readTransaction(bytes).memo.split('; ').at(-1), `[${Buffer.byteLength(text)}] ${text}`, 'memo in the instruction');
    assert.ok(logs.includes(`Program ${MEMO_PROGRAM} success`), 'the memo program ran');
    assert.ok(logs.some(line => line.includes(`Memo (len ${Buffer.byteLength(text)})`)), 'memo in the log');
  }
}

async function testMint(world) {
  await prove(world, 'create_mint makes the derived mint with its decimals, authority and rent', async () => {
    const landed = world.land('token.create_mint', { decimals: 2 }, 'shares:A');
    world.assertLanded(landed);
    world.mint = landed.created;
    assert.equal(world.mint.toBase58(), (await createdOf(world.setup, landed.one)).toBase58());
    const state = world.mintState(world.mint);
    assert.equal(state.decimals, 2);
    assert.equal(state.supply, 0n);
    assert.ok(state.isInitialized);
    assert.ok(state.mintAuthorityOption === 1 && state.mintAuthority.equals(world.payer));
    assert.equal(state.freezeAuthorityOption, 0);
    const account = world.svm.getAccount(world.mint.toBytes());
    assert.ok(new PublicKey(account.owner()).equals(TOKEN_PROGRAM_ID));
    assert.equal(landed.paid, FEE + world.setup.rentOf(82));
  });
  await prove(world, 'a second landing of create_mint aborts and costs its fee only', () => {
    const landed = world.land('token.create_mint', { decimals: 2 }, 'shares:A');
    assert.deepEqual(landed.err, { InstructionError: [0, { Custom: 0 }] });
    assert.equal(landed.paid, FEE);
  });
}

async function testTokens(world) {
  const mint = () => world.mint.toBase58();
  const rent = world.svm.minimumBalanceForRentExemption(165n);
  await prove(world, 'mint_to creates the associated account once, and mints both times', () => {
    const first = world.land('token.mint_to', { mint: mint(), to: world.alice.toBase58(), amount: '500' }, 'issue:1');
    world.assertLanded(first);
    assert.equal(first.paid, FEE + rent);
    const second = world.land('token.mint_to', { mint: mint(), to: world.alice.toBase58(), amount: '250' }, 'issue:2');
    world.assertLanded(second);
    assert.equal(second.paid, FEE);
    assert.equal(world.tokens(world.alice, world.mint), 750n);
    assert.equal(world.mintState(world.mint).supply, 750n);
  });
  await prove(world, 'mint_to reaches the payer itself and another of our signers', () => {
    for (const owner of [world.payer, world.other]) {
      world.assertLanded(world.land('token.mint_to', { mint: mint(), to: owner.toBase58(), amount: '100' }, `issue:${owner}`));
      assert.equal(world.tokens(owner, world.mint), 100n);
    }
  });
  await prove(world, 'mint_to past 2^64 - 1 aborts and leaves the supply', () => {
    const landed = world.land('token.mint_to', { mint: mint(), to: world.alice.toBase58(), amount: '18446744073709551615' }, 'issue:max');
    assert.deepEqual(landed.err, { InstructionError: [1, { Custom: 14 }] });
    assert.equal(world.mintState(world.mint).supply, 950n);
  });
  await prove(world, 'burn takes from the payer by default and from another signer by name', () => {
    world.assertLanded(world.land('token.burn', { mint: mint(), amount: '40' }, 'burn:1'));
    const second = world.land('token.burn', { mint: mint(), from: world.other.toBase58(), amount: '10' }, 'burn:2');
    world.assertLanded(second);
    assert.equal(second.paid, 2n * FEE, 'two signatures');
    assert.equal(world.tokens(world.payer, world.mint), 60n);
    assert.equal(world.tokens(world.other, world.mint), 90n);
    assert.equal(world.mintState(world.mint).supply, 900n);
  });
  await prove(world, 'burning more than there is aborts and changes nothing', () => {
    const landed = world.land('token.burn', { mint: mint(), amount: '61' }, 'burn:3');
    assert.deepEqual(landed.err, { InstructionError: [0, { Custom: 1 }] });
    assert.equal(landed.paid, FEE);
    assert.equal(world.tokens(world.payer, world.mint), 60n);
  });
  await prove(world, 'token.transfer moves between owners', () => {
    world.assertLanded(world.land('token.transfer', { mint: mint(), to: world.alice.toBase58(), amount: '15' }, 'move:1'));
    world.assertLanded(world.land('token.transfer',
      { mint: mint(), from: world.other.toBase58(), to: world.payer.toBase58(), amount: '5' }, 'move:2'));
    assert.equal(world.tokens(world.payer, world.mint), 50n);
    assert.equal(world.tokens(world.other, world.mint), 85n);
    assert.equal(world.tokens(world.alice, world.mint), 765n);
    assert.equal(world.mintState(world.mint).supply, 900n);
  });
  await prove(world, 'token.transfer reaches an owner who has no account yet', () => {
    const owner = Keypair.fromSeed(world.random.bytes(32)).publicKey;
    const landed = world.land('token.transfer', { mint: mint(), to: owner.toBase58(), amount: '1' }, 'move:3');
    world.assertLanded(landed);
    assert.equal(landed.paid, FEE + rent);
    assert.equal(world.tokens(owner, world.mint), 1n);
  });
}

// The texts of a mint's metadata, read by the official package from the account itself.
async function metadataOn(world, mint) {
  const { data, owner, lamports } = world.account(mint);
  const connection = { getAccountInfo: async () => ({ data, owner, lamports, executable: false }) };
  return getTokenMetadata(connection, mint);
}

async function testNamedMints(world) {
  const texts = [
    { name: 'Share', symbol: 'SHR', uri: 'https://shares.example/a.json' },
    { name: 'n'.repeat(36) }, { name: 'n'.repeat(37) }, { name: 'n'.repeat(38) }, // around a multisig's size
    { symbol: 's'.repeat(10) }, { name: '語'.repeat(100), symbol: 's'.repeat(100), uri: 'u'.repeat(100) },
  ];
  for (const [index, given] of texts.entries()) {
    const bytes = Object.values(given).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    await prove(world, `create_mint on token-2022 puts ${bytes} bytes of metadata into the mint and pays for exactly its size`, async () => {
      const landed = world.land('token.create_mint', { decimals: 3, program: 'token-2022', ...given }, `named:${index}`);
      world.assertLanded(landed);
      const { data, owner, lamports } = world.account(landed.created);
      assert.ok(owner.equals(TOKEN_2022_PROGRAM_ID));
      assert.equal(data.length, landed.space);
      assert.equal(lamports, world.setup.rentOf(landed.space));
      assert.equal(landed.paid, FEE + world.setup.rentOf(landed.space));
      const mint = unpackMint(landed.created, { data, owner }, TOKEN_2022_PROGRAM_ID);
      assert.ok(mint.decimals === 3 && mint.supply === 0n && mint.mintAuthority.equals(world.payer) && mint.freezeAuthority === null);
      const { name, symbol, uri, updateAuthority } = await metadataOn(world, landed.created);
      assert.deepEqual({ name, symbol, uri }, { name: '', symbol: '', uri: '', ...given });
      assert.ok(updateAuthority.equals(world.payer));
    });
  }
}

async function testToken2022(world) {
  const program = TOKEN_2022_PROGRAM_ID;
  const payload = more => ({ mint: world.mint2022.toBase58(), ...more });
  await prove(world, 'create_mint on token-2022 without texts is a mint of 82 bytes, and lands once', () => {
    const landed = world.land('token.create_mint', { decimals: 0, program: 'token-2022' }, 'plain:2022');
    world.assertLanded(landed);
    world.mint2022 = landed.created;
    assert.equal(world.account(landed.created).data.length, 82);
    const again = world.land('token.create_mint', { decimals: 0, program: 'token-2022' }, 'plain:2022');
    assert.deepEqual(again.err, { InstructionError: [0, { Custom: 0 }] });
  });
  await prove(world, 'mint_to, transfer and burn work on a mint of token-2022', () => {
    const rent = world.setup.rentOf(170);
    const minted = world.land('token.mint_to', payload({ to: world.payer.toBase58(), amount: '70' }), '2022:issue', program);
    world.assertLanded(minted);
    assert.equal(minted.paid, FEE + rent);
    world.assertLanded(world.land('token.transfer', payload({ to: world.other.toBase58(), amount: '30' }), '2022:move', program));
    world.assertLanded(world.land('token.burn', payload({ from: world.other.toBase58(), amount: '10' }), '2022:burn', program));
    assert.equal(world.tokens(world.payer, world.mint2022, program), 40n);
    assert.equal(world.tokens(world.other, world.mint2022, program), 20n);
    assert.equal(world.mintState(world.mint2022).supply, 60n);
  });
  await prove(world, 'a mint of token-2022 under the classic program is refused by the ledger', () => {
    const landed = world.land('token.mint_to', payload({ to: world.payer.toBase58(), amount: '1' }), '2022:wrong');
    assert.ok(landed.err.InstructionError, JSON.stringify(landed.err));
    assert.equal(landed.paid, FEE);
  });
}

const SYSTEM = '11111111111111111111111111111111';

async function testAccounts(world) {
  await prove(world, 'account.create makes an account of its size and owner, rent exempt, once', async () => {
    const owner = Keypair.fromSeed(world.random.bytes(32)).publicKey;
    const landed = world.land('account.create', { space: 1000, owner: owner.toBase58() }, 'account:1');
    world.assertLanded(landed);
    assert.equal(landed.created.toBase58(), (await createdOf(world.setup, landed.one)).toBase58());
    const account = world.account(landed.created);
    assert.ok(account.owner.equals(owner) && account.data.length === 1000);
    assert.equal(landed.paid, FEE + world.setup.rentOf(1000));
    assert.deepEqual(world.land('account.create', { space: 1000, owner: owner.toBase58() }, 'account:1').err, { InstructionError: [0, { Custom: 0 }] });
  });
  await prove(world, 'what an account without data holds goes back, with what others put there', () => {
    const made = world.land('account.create', { space: 0, owner: SYSTEM }, 'account:2');
    world.assertLanded(made);
    world.assertLanded(world.land('sol.transfer', { to: made.created.toBase58(), lamports: '7' }, 'gift:1'));
    world.held = world.lamports(made.created);
    const before = world.lamports(world.payer);
    world.assertLanded(world.land('sol.transfer', { from: { key: 'account:2' }, to: world.payer.toBase58(), lamports: 'all', void: 'x' }, 'ls:undo:account:2'));
    assert.equal(world.lamports(world.payer), before + world.held - FEE);
    assert.equal(world.lamports(made.created), 0n);
  });
}

async function testInvoke(world) {
  const revoke = (mint, program) => ({
    program: program.toBase58(), data: { hex: '060000' }, void: 'x',
    accounts: [{ address: mint.toBase58(), writable: true }, { address: world.payer.toBase58(), signer: true }],
  });
  await prove(world, 'program.invoke calls a program with data and another signer of ours', () => {
    const landed = world.land('program.invoke',
      { program: MEMO_PROGRAM, accounts: [{ address: world.other.toBase58(), signer: true }], data: { utf8: 'invoked' } }, 'invoke:1');
    world.assertLanded(landed);
    assert.equal(landed.paid, 2n * FEE);
    assert.ok(landed.logs.some(line => line.includes(world.other.toBase58())), 'signed by the other');
  });
  await prove(world, 'lamports of another signer of ours move', () => {
    const before = world.lamports(world.other);
    world.assertLanded(world.land('sol.transfer', { from: world.other.toBase58(), to: world.payer.toBase58(), lamports: '9' }, 'pay:other'));
    assert.equal(world.lamports(world.other), before - 9n);
  });
  await prove(world, 'a program that does not exist aborts', () => {
    const program = Keypair.fromSeed(world.random.bytes(32)).publicKey.toBase58();
    assert.match(world.land('program.invoke', { program }, 'invoke:2').err, /^(ProgramAccountNotFound|InvalidProgramForExecution)$/);
  });
  for (const [name, mint, program] of [['the classic', 'mint', TOKEN_PROGRAM_ID], ['the other', 'mint2022', TOKEN_2022_PROGRAM_ID]]) {
    await prove(world, `what compensates create_mint on ${name} program takes the right to mint away for good`, () => {
      world.assertLanded(world.land('program.invoke', revoke(world[mint], program), `revoke:${name}`));
      assert.equal(world.mintState(world[mint]).mintAuthorityOption, 0);
      const late = world.land('token.mint_to', { mint: world[mint].toBase58(), to: world.payer.toBase58(), amount: '1' }, `late:${name}`, program);
      assert.deepEqual(late.err, { InstructionError: [1, { Custom: 5 }] });
    });
  }
}

async function testRest(world) {
  await prove(world, 'sol.transfer moves lamports', () => {
    const landed = world.land('sol.transfer', { to: world.alice.toBase58(), lamports: '1000000' }, 'pay:1');
    world.assertLanded(landed);
    assert.equal(landed.paid, FEE + 1_000_000n);
    assert.equal(world.lamports(world.alice), 1_000_000n);
  });
  await prove(world, 'a price is paid for every unit of the limit, rounded up to a lamport, by what aborts too', () => {
    const pay = (lamports, key) =>
      world.land('sol.transfer', { to: world.alice.toBase58(), lamports }, key, TOKEN_PROGRAM_ID, false, { limit: 100_001, price: 10_001n });
    const priority = (100_001n * 10_001n + 999_999n) / 1_000_000n;
    const before = world.lamports(world.alice);
    const landed = pay('7', 'priced:1');
    world.assertLanded(landed);
    assert.equal(landed.paid, FEE + priority + 7n);
    assert.equal(world.lamports(world.alice), before + 7n);
    const aborted = pay('18446744073709551615', 'priced:2');
    assert.deepEqual(aborted.err, { InstructionError: [2, { Custom: 1 }] });
    assert.equal(aborted.paid, FEE + priority);
  });
  await prove(world, 'a limit below what the transaction needs aborts it', () => {
    const landed = world.land('memo', { text: 'x' }, 'limited:1', TOKEN_PROGRAM_ID, false, { limit: 200 });
    assert.match(landed.err.InstructionError[1], /^(ComputationalBudgetExceeded|ProgramFailedToComplete)$/);
  });
  await prove(world, 'sol.transfer beyond the balance aborts', () => {
    const landed = world.land('sol.transfer', { to: world.alice.toBase58(), lamports: '18446744073709551615' }, 'pay:2');
    assert.deepEqual(landed.err, { InstructionError: [0, { Custom: 1 }] });
  });
  await prove(world, 'event anchors the digest of its document', () => {
    const payload = { type: 'proposal.closed', subject: '17', document: { votes: { yes: 12, no: 3 }, at: 'noon' } };
    const landed = world.land('event', payload, 'proposal:17');
    world.assertLanded(landed);
    assert.match(readTransaction(landed.bytes).memo, / sha256:[1-9A-HJ-NP-Za-km-z]{43,44}$/);
  });
  await prove(world, 'the same bytes land once', () => {
    const landed = world.land('memo', { text: 'once' }, 'note:2');
    assert.equal(landed.err, null);
    assert.equal(world.landBytes(landed.bytes).err, 'AlreadyProcessed');
  });
  await prove(world, 'two operations with equal payloads are two transactions', () => {
    const pay = key => world.land('sol.transfer', { to: world.alice.toBase58(), lamports: '5' }, key);
    const before = world.lamports(world.alice);
    const signatures = [pay('pay:a'), pay('pay:b')].map(landed => readTransaction(landed.bytes).signature);
    assert.notEqual(signatures[0], signatures[1]);
    assert.equal(world.lamports(world.alice), before + 10n);
  });
  await prove(world, 'a changed byte breaks the signature', () => {
    const { bytes } = world.land('memo', { text: 'x' }, 'note:3');
    bytes[bytes.length - 1] ^= 1;
    assert.equal(world.landBytes(bytes).err, 'SignatureFailure');
  });
}

async function testMarkers(world) {
  const pay = key => world.land('sol.transfer', { to: world.alice.toBase58(), lamports: '1000' }, key, TOKEN_PROGRAM_ID, true);
  const rent = world.setup.rentOf(0);
  await prove(world, 'a marked operation makes its marker, at the rent of an account without data', () => {
    const before = world.lamports(world.alice);
    const landed = pay('marked:1');
    world.assertLanded(landed);
    world.marker = landed.marker;
    assert.equal(landed.paid, FEE + 1000n + rent);
    const { owner, data, lamports } = world.account(landed.marker);
    assert.ok(owner.equals(PublicKey.default));
    assert.equal(data.length, 0);
    assert.equal(lamports, rent);
    assert.equal(world.lamports(world.alice), before + 1000n);
  });
  await prove(world, 'a second landing of a marked operation aborts at its marker and costs its fee only', () => {
    const before = world.lamports(world.alice);
    const landed = pay('marked:1');
    assert.deepEqual(landed.err, { InstructionError: [0, { Custom: 0 }] });
    assert.equal(landed.paid, FEE);
    assert.equal(world.lamports(world.alice), before);
  });
  await prove(world, 'a marker that a stranger funded aborts the operation, as if it had landed', () => {
    const key = 'marked:2';
    const probe = runVectors(world.program, world.setup, { cases: [{ kind: 'memo', payload: { text: 'x' }, key, owner: TOKEN_PROGRAM_ID.toBase58(), marker: true }] });
    world.svm.airdrop(new PublicKey(probe.cases[0].marker).toBytes(), rent);
    assert.deepEqual(pay(key).err, { InstructionError: [0, { Custom: 0 }] });
  });
  await prove(world, 'a marker gives its rent back once, wholly, and to nobody but its base', () => {
    assert.deepEqual(world.takeBack('marked:1', rent + 1n).err, { InstructionError: [0, { Custom: 1 }] });
    assert.ok(world.takeBack('marked:1', 1n).err.InsufficientFundsForRent, 'a part');
    const taken = world.takeBack('marked:1', rent);
    assert.equal(taken.err, null, JSON.stringify(taken.err));
    assert.equal(taken.paid, FEE - rent);
    assert.equal(world.lamports(world.marker), 0n);
    assert.deepEqual(world.takeBack('marked:1', rent).err, { InstructionError: [0, { Custom: 1 }] });
  });
  await prove(world, 'a marked memo of 700 bytes fits, and a marked create_mint has no other marker than its mint', () => {
    const landed = world.land('token.create_mint', { decimals: 0 }, 'marked:3', TOKEN_PROGRAM_ID, true);
    world.assertLanded(landed);
    assert.ok(landed.marker.equals(landed.created));
    assert.equal(landed.paid, FEE + world.setup.rentOf(82));
    if (world.memo !== 'memo v3') world.assertLanded(world.land('memo', { text: 'm'.repeat(700) }, 'marked:4', TOKEN_PROGRAM_ID, true));
  });
}

async function testLongMemo(world) {
  await prove(world, 'memo of 700 bytes lands', () => world.assertLanded(world.land('memo', { text: '語'.repeat(233) }, 'note:long')));
}

// What v3 costs, measured: the tag and its space count too.
async function testMemoV3Limits(world) {
  const before = `ls1:${tagOf(world.setup, 'note:v3').text} `.length;
  const outcome = text => world.land('memo', { text }, 'note:v3').err;
  const isOutOfUnits = err => ['ComputationalBudgetExceeded', 'ProgramFailedToComplete'].includes(err?.InstructionError?.[1]);
  await prove(world, `a transaction's default units carry ${MEMO_V3_LETTERS_MAX} letters and no more`, () => {
    assert.equal(outcome('x'.repeat(MEMO_V3_LETTERS_MAX - before)), null);
    assert.ok(isOutOfUnits(outcome('x'.repeat(MEMO_V3_LETTERS_MAX - before + 1))));
  });
  await prove(world, `a transaction's default units carry no more than ${MEMO_V3_IDEOGRAPHS_MAX} ideographs`, () => {
    assert.equal(outcome('語'.repeat(MEMO_V3_IDEOGRAPHS_MAX - 2)), null);
    assert.ok(isOutOfUnits(outcome('語'.repeat(MEMO_V3_IDEOGRAPHS_MAX + 1))));
  });
}

const prove = (world, sentence, test) => check(`on the VM with ${world.memo}: ${sentence}`, test);

export async function testKinds({ program, seed, memo }) {
  const world = new World(program, seed, memo);
  await testMint(world);
  await testTokens(world);
  await testNamedMints(world);
  await testToken2022(world);
  await testRest(world);
  await testAccounts(world);
  await testInvoke(world);
  await testMarkers(world);
  await (memo === 'memo v3' ? testMemoV3Limits(world) : testLongMemo(world));
}

// Every kind, built and signed by our code, on the real VM: what it does to accounts.
import assert from 'node:assert/strict';
import { AccountLayout, MintLayout, TOKEN_PROGRAM_ID } from '@solana/spl-token';
import { Keypair, PublicKey } from '@solana/web3.js';
import { check } from './checks.mjs';
import { MEMO_PROGRAM, errorToJson, readTransaction } from './vm/codec.mjs';
import vm, { memoV3 } from './vm/vm.mjs';
import { makeSetup } from './wire/cases.mjs';
import { Random } from './wire/random.mjs';
import { memoOf, tagOf } from './wire/tag.mjs';
import { runVectors, unhex } from './wire/vectors.mjs';
import { ataOf, mintOf } from './wire/with_web3.mjs';

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
    this.setup.mintRent = this.svm.minimumBalanceForRentExemption(82n);
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

  tokens(owner, mint) {
    const account = this.svm.getAccount(ataOf(owner, mint).toBytes());
    return account ? AccountLayout.decode(Buffer.from(account.data())).amount : null;
  }

  // Build with our code for the VM's blockhash and land it.
  land(kind, payload, key) {
    this.svm.expireBlockhash();
    this.setup.blockhash = this.svm.latestBlockhash();
    const one = { kind, payload, key };
    const result = runVectors(this.program, this.setup, { cases: [one] }).cases[0];
    assert.equal(result.refused, undefined, result.why);
    return { ...this.landBytes(unhex(result.transaction)), one, mint: new PublicKey(result.mint) };
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
    assert.equal(readTransaction(bytes).memo, `[${Buffer.byteLength(text)}] ${text}`, 'memo in the instruction');
    assert.ok(logs.includes(`Program ${MEMO_PROGRAM} success`), 'the memo program ran');
    assert.ok(logs.some(line => line.includes(`Memo (len ${Buffer.byteLength(text)})`)), 'memo in the log');
  }
}

async function testMint(world) {
  await prove(world, 'create_mint makes the derived mint with its decimals, authority and rent', async () => {
    const landed = world.land('token.create_mint', { decimals: 2 }, 'shares:A');
    world.assertLanded(landed);
    world.mint = landed.mint;
    assert.equal(world.mint.toBase58(), (await mintOf(world.setup, 'shares:A')).toBase58());
    const state = world.mintState(world.mint);
    assert.equal(state.decimals, 2);
    assert.equal(state.supply, 0n);
    assert.ok(state.isInitialized);
    assert.ok(state.mintAuthorityOption === 1 && state.mintAuthority.equals(world.payer));
    assert.equal(state.freezeAuthorityOption, 0);
    const account = world.svm.getAccount(world.mint.toBytes());
    assert.ok(new PublicKey(account.owner()).equals(TOKEN_PROGRAM_ID));
    assert.equal(landed.paid, FEE + world.setup.mintRent);
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

async function testRest(world) {
  await prove(world, 'sol.transfer moves lamports', () => {
    const landed = world.land('sol.transfer', { to: world.alice.toBase58(), lamports: '1000000' }, 'pay:1');
    world.assertLanded(landed);
    assert.equal(landed.paid, FEE + 1_000_000n);
    assert.equal(world.lamports(world.alice), 1_000_000n);
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
    const signatures = [pay('pay:a'), pay('pay:b')].map(landed => readTransaction(landed.bytes).signature);
    assert.notEqual(signatures[0], signatures[1]);
    assert.equal(world.lamports(world.alice), 1_000_010n);
  });
  await prove(world, 'a changed byte breaks the signature', () => {
    const { bytes } = world.land('memo', { text: 'x' }, 'note:3');
    bytes[bytes.length - 1] ^= 1;
    assert.equal(world.landBytes(bytes).err, 'SignatureFailure');
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
  await testRest(world);
  await (memo === 'memo v3' ? testMemoV3Limits(world) : testLongMemo(world));
}

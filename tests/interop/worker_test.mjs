// The real worker between a real PostgreSQL and the real VM: every kind, failures, a
// killed worker; the ledger judges how often each operation landed.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { TOKEN_2022_PROGRAM_ID } from '@solana/spl-token';
import { Keypair, PublicKey } from '@solana/web3.js';
import { check } from './checks.mjs';
import { Node } from './rpc/node.mjs';
import { MEMO_PROGRAM } from './vm/codec.mjs';
import { Faults } from './vm/faults.mjs';
import { listen } from './vm_server.mjs';
import { makeSetup } from './wire/cases.mjs';
import { Random } from './wire/random.mjs';
import { ataOf } from './wire/with_web3.mjs';
import { Installation } from './worker/installation.mjs';

const SLOT_MS = 40;
const SLOTS_PER_CALL_MAX = 4; // windows that the worker must keep are in heights: on a slow machine the chain waits for it
const ASK_MS = 200; // between two runs of a command, so that the worker has the machine too
const QUIET_MS_MAX = 120_000;
const MEMOS = 150;
const BAD_DAY = 60;
const PAYER_LAMPORTS = 10_000_000_000;
const SYSTEM = '11111111111111111111111111111111';
const ENDS = ['done', 'failed', 'cancelled', 'compensated'];
const hasLanded = op => ['done', 'compensated'].includes(op.state);

class World {
  constructor(site, node, random) {
    Object.assign(this, { site, node });
    this.alice = Keypair.fromSeed(random.bytes(32)).publicKey.toBase58();
  }

  async fund() {
    this.payer = await this.site.set();
    await this.node.reach(await this.node.result('requestAirdrop', this.payer, PAYER_LAMPORTS), 'finalized');
  }

  // However slow the machine: it gives up only when no operation has changed for a long while, or
  // when one is held, which nobody here will release.
  async settled(count) {
    let seen = '';
    for (let changedMs = Date.now(); ; await sleep(ASK_MS)) {
      const ops = await this.site.ops();
      const open = ops.filter(op => !ENDS.includes(op.state));
      if (ops.length === count && open.length === 0) return ops;
      const now = JSON.stringify(ops.map(({ id, version }) => [id, version]));
      if (now !== seen) [seen, changedMs] = [now, Date.now()];
      const isStuck = Date.now() - changedMs > QUIET_MS_MAX || open.some(op => op.state === 'held');
      assert.ok(!isStuck, `${ops.length} of ${count} operations, and these do not settle: ${JSON.stringify(open)}`);
    }
  }

  // Every memo of the payer's transactions that took effect, by tag.
  async landings() {
    const counts = new Map();
    let before;
    for (;;) {
      const rows = await this.node.result('getSignaturesForAddress', this.payer, { commitment: 'confirmed', limit: 1000, before });
      for (const { memo, err, signature } of rows) {
        if (err !== null) continue;
        for (const [tag] of (memo ?? '').matchAll(/ls1:[1-9A-HJ-NP-Za-km-z]+/g)) counts.set(tag, [...counts.get(tag) ?? [], signature]);
      }
      if (rows.length < 1000) return counts;
      before = rows.at(-1).signature;
    }
  }

  // The account that an operation made: the second one that its transaction names.
  async accountOf(ops, key) {
    const { signature } = ops.find(op => op.key === key);
    const { transaction } = await this.node.result('getTransaction', signature, { commitment: 'confirmed', encoding: 'json' });
    const address = transaction.message.accountKeys[1];
    return (await this.node.result('getAccountInfo', address, { commitment: 'confirmed', encoding: 'base64' })).value;
  }

  // Every memo of one transaction of the payer's.
  async memoOf(signature) {
    const rows = await this.node.result('getSignaturesForAddress', this.payer, { commitment: 'confirmed', limit: 1000 });
    return rows.find(row => row.signature === signature).memo;
  }

  async tokens(owner, mint, program) {
    const account = ataOf(new PublicKey(owner), new PublicKey(mint), program).toBase58();
    return (await this.node.result('getTokenAccountBalance', account, { commitment: 'confirmed' })).value.amount;
  }
}

// The System program's own transfer, written out.
function transferData(lamports) {
  const data = Buffer.alloc(12);
  data.writeUInt32LE(2);
  data.writeBigUInt64LE(lamports, 4);
  return data.toString('hex');
}

function allKinds({ payer, alice }) {
  const mint = { key: 'shares' };
  return [
    { kind: 'token.create_mint', key: 'shares', payload: { decimals: 0 } },
    { kind: 'token.mint_to', key: 'issue:1', payload: { mint, to: alice, amount: '500' } },
    { kind: 'token.mint_to', key: 'issue:2', payload: { mint, to: alice, amount: '20' } },
    { kind: 'token.mint_to', key: 'issue:3', entity: 'own', payload: { mint, to: payer, amount: '100' } },
    { kind: 'token.burn', key: 'burn:1', entity: 'own', payload: { mint, amount: '10' } },
    { kind: 'token.transfer', key: 'move:1', entity: 'own', payload: { mint, to: alice, amount: '5' } },
    { kind: 'sol.transfer', key: 'pay:1', entity: 'alice', payload: { to: alice, lamports: '2000000' } },
    { kind: 'memo', key: 'note:1', payload: { text: 'a note' } },
    { kind: 'event', key: 'event:1', payload: { type: 'proposal.closed', subject: '17', document: { yes: 3 } } },
    { kind: 'token.create_mint', key: 'named', payload: { decimals: 0, program: 'token-2022', name: 'Share', symbol: 'SHR', uri: 'https://shares.example/a' } },
    { kind: 'token.mint_to', key: 'named:1', entity: 'named', payload: { mint: { key: 'named' }, to: payer, amount: '9' } },
    { kind: 'token.transfer', key: 'named:2', entity: 'named', payload: { mint: { key: 'named' }, to: alice, amount: '4' } },
    { kind: 'account.create', key: 'room', payload: { space: 33, owner: alice } },
    { kind: 'account.create', key: 'purse', payload: { space: 0, owner: SYSTEM } },
    { kind: 'program.invoke', key: 'call:1', entity: 'alice', payload: {
      program: SYSTEM, data: { hex: transferData(4321n) }, accounts: [{ address: payer, signer: true, writable: true }, { address: alice, writable: true }],
      compensate: { program: MEMO_PROGRAM, data: { utf8: 'taken back' } } } },
    { kind: 'token.burn', key: 'too:much', payload: { mint, amount: '100000' } },
    { kind: 'program.invoke', key: 'call:none', payload: { program: alice } },
  ];
}

async function testKinds(world) {
  const operations = allKinds(world);
  let ops;
  await check('worker on the VM: every kind is done, and what cannot be fails with its reason', async () => {
    await world.site.enqueue(operations);
    ops = await world.settled(operations.length);
    const failed = ops.filter(op => op.state === 'failed');
    assert.deepEqual(failed.map(op => op.key).sort(), ['call:none', 'too:much']);
    assert.ok(failed.every(op => op.cause.length > 0));
    assert.ok(ops.filter(op => op.state === 'done').every(op => op.signature.length > 60));
  });
  await check('worker on the VM: balances and supply are what the operations say', async () => {
    const created = ops.find(op => op.key === 'shares').signature;
    const { transaction } = await world.node.result('getTransaction', created, { commitment: 'confirmed', encoding: 'json' });
    const mint = transaction.message.accountKeys[1];
    const supply = await world.node.result('getTokenSupply', mint, { commitment: 'confirmed' });
    assert.equal(supply.value.amount, '610');
    assert.equal(await world.tokens(world.alice, mint), '525');
    assert.equal(await world.tokens(world.payer, mint), '85');
    assert.equal(await world.node.balance(world.alice), 2_000_000 + 4321);
  });
  await check('worker on the VM: account.create makes the account with its size and its owner, rent exempt', async () => {
    for (const [key, owner, space] of [['room', world.alice, 33], ['purse', SYSTEM, 0]]) {
      const account = await world.accountOf(ops, key);
      const rent = await world.node.result('getMinimumBalanceForRentExemption', space);
      assert.deepEqual([account.owner, account.space, account.lamports], [owner, space, rent]);
    }
  });
  await check('worker on the VM: compensated, account.create gives its rent back and program.invoke calls what undoes it', async () => {
    const rows = ['purse', 'call:1'].map(key => ops.find(op => op.key === key));
    for (const { id } of rows) await world.site.lockstep(['compensate', String(id), '--reason', 'interop', '--yes']);
    ops = await world.settled(operations.length + rows.length);
    assert.deepEqual(rows.map(({ id }) => ops.find(op => op.id === id).state), ['compensated', 'compensated']);
    assert.equal(await world.accountOf(ops, 'purse'), null);
    const undone = ops.filter(op => !operations.some(({ key }) => key === op.key));
    const memos = (await Promise.all(undone.map(({ signature }) => world.memoOf(signature)))).join('\n');
    assert.match(memos, /taken back/);
  });
  await check('worker on the VM: a mint that is named by its address alone belongs to whichever program owns it', async () => {
    const mints = {};
    for (const key of ['shares', 'named']) {
      const { transaction } = await world.node.result('getTransaction', ops.find(op => op.key === key).signature, { commitment: 'confirmed', encoding: 'json' });
      [, mints[key]] = transaction.message.accountKeys;
    }
    const before = ops.length;
    await world.site.enqueue([
      { kind: 'token.mint_to', key: 'bare:1', payload: { mint: mints.shares, to: world.payer, amount: '1' } },
      { kind: 'token.mint_to', key: 'bare:2', payload: { mint: mints.named, to: world.payer, amount: '1' } },
      { kind: 'token.burn', key: 'bare:3', payload: { mint: world.payer, amount: '1' } },
    ]);
    ops = await world.settled(before + 3);
    const by = key => ops.find(op => op.key === key);
    assert.deepEqual([by('bare:1').state, by('bare:2').state, by('bare:3').state], ['done', 'done', 'failed']);
    assert.equal(by('bare:3').cause, 'InvalidMint');
    assert.equal(await world.tokens(world.payer, mints.named, TOKEN_2022_PROGRAM_ID), '6');
    assert.equal(await world.tokens(world.alice, mints.named, TOKEN_2022_PROGRAM_ID), '4');
  });
  return { before: ops.length, failed: ops.filter(op => op.state === 'failed').length };
}

async function testKill(world, { before, failed }) {
  await check(`worker on the VM: killed in the middle of ${MEMOS} memos, another lands each exactly once`, async () => {
    const memos = Array.from({ length: MEMOS }, (_, i) => ({ kind: 'memo', key: `many:${i}`, payload: { text: `memo ${i}` } }));
    const landed = (await world.landings()).size;
    await world.site.enqueue(memos);
    await world.node.until('the first memos', async () => (await world.landings()).size > landed);
    const [, signal] = await world.site.stopWorker('SIGKILL');
    assert.equal(signal, 'SIGKILL');
    world.site.startWorker();
    const ops = await world.settled(before + MEMOS);
    assert.equal(ops.filter(hasLanded).length, before - failed + MEMOS);
    const landings = await world.landings();
    assert.equal(landings.size, before - failed + MEMOS);
    assert.ok([...landings.values()].every(signatures => signatures.length === 1), 'one landing each');
    const signatures = new Set(ops.filter(hasLanded).map(op => op.signature));
    assert.ok([...landings.values()].every(([signature]) => signatures.has(signature)), 'the signature in the database is the one on the ledger');
  });
  await check('worker on the VM: told to stop, it ends by itself', async () => {
    assert.deepEqual(await world.site.stopWorker('SIGTERM'), [0, null]);
  });
}

// The same worker, certificates and settling included, while the chain has a bad day.
async function testBadDay(world, chain, random) {
  const before = (await world.site.ops()).length;
  const landedBefore = (await world.landings()).size;
  const faults = new Faults(random, { drop: 20, lost: 15, late: 15, last: 15, fork: 20, miss: 10 });
  chain.faults = faults;
  await check(`worker on the VM: dropped, late, forked and missed, each of ${BAD_DAY} lands exactly once`, async () => {
    const paid = await world.node.balance(world.alice);
    const operations = Array.from({ length: BAD_DAY }, (_, i) => (i % 2
      ? { kind: 'sol.transfer', key: `bad:${i}`, payload: { to: world.alice, lamports: '1000' } }
      : { kind: 'memo', key: `bad:${i}`, payload: { text: `bad day ${i}` } }));
    for (const kind of ['memo', 'sol.transfer']) await world.site.enqueue(operations.filter(one => one.kind === kind));
    await world.node.until('the first of them', async () => (await world.landings()).size > landedBefore);
    await world.site.stopWorker('SIGKILL');
    world.site.startWorker();
    const ops = await world.settled(before + BAD_DAY);
    const bad = ops.filter(op => op.key.startsWith('bad:'));
    assert.ok(bad.every(op => op.state === 'done'), JSON.stringify(bad.filter(op => op.state !== 'done')));
    const landings = await world.landings();
    assert.equal(landings.size, landedBefore + BAD_DAY);
    assert.ok([...landings.values()].every(signatures => signatures.length === 1), 'one landing each');
    assert.equal(await world.node.balance(world.alice) - paid, 1000 * (BAD_DAY / 2));
    assert.ok(Object.values(faults.counts).every(count => count > 0), `every fault happened: ${JSON.stringify(faults.counts)}`);
    assert.ok(bad.some(op => op.attempts > 1), 'some needed a second attempt');
  });
  chain.faults = null;
}

export async function testWorker({ build, seed, databaseUrl }) {
  assert.ok(databaseUrl, 'LS_TEST_URL must name an empty database; run.sh makes one');
  const random = new Random(seed);
  const ledger = await listen({ slotMs: SLOT_MS, slotsPerCallMax: SLOTS_PER_CALL_MAX, seed });
  const site = new Installation({ build, databaseUrl, ledgerUrl: ledger.url });
  const world = new World(site, new Node('vm', ledger.url, makeSetup(random)), random);
  try {
    await world.fund();
    site.startWorker();
    const counts = await testKinds(world);
    await testBadDay(world, ledger.chain, random);
    await testKill(world, { ...counts, before: counts.before + BAD_DAY });
  } finally {
    site.remove();
    ledger.close();
  }
}

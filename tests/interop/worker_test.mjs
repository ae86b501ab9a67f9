// The real worker between a real PostgreSQL and the real VM: every kind, failures, a
// killed worker; the ledger judges how often each operation landed.
import assert from 'node:assert/strict';
import { TOKEN_2022_PROGRAM_ID } from '@solana/spl-token';
import { check } from './checks.mjs';
import { testDays } from './days_test.mjs';
import { Node } from './rpc/node.mjs';
import { MEMO_PROGRAM } from './vm/codec.mjs';
import { listen } from './vm_server.mjs';
import { makeSetup } from './wire/cases.mjs';
import { Random } from './wire/random.mjs';
import { Installation } from './worker/installation.mjs';
import { World } from './worker/world.mjs';

const SLOT_MS = 40;
const SLOTS_PER_CALL_MAX = 4; // windows that the worker must keep are in heights: on a slow machine the chain waits for it
const MEMOS = 150;
const SYSTEM = '11111111111111111111111111111111';
const hasLanded = op => ['done', 'compensated'].includes(op.state);

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
    const mint = await world.created(ops, 'shares');
    const supply = await world.node.result('getTokenSupply', mint, { commitment: 'confirmed' });
    assert.equal(supply.value.amount, '610');
    assert.equal(await world.tokens(world.alice, mint), '525');
    assert.equal(await world.tokens(world.payer, mint), '85');
    assert.equal(await world.node.balance(world.alice), 2_000_000 + 4321);
  });
  await check('worker on the VM: account.create makes the account with its size and its owner, rent exempt', async () => {
    for (const [key, owner, space] of [['room', world.alice, 33], ['purse', SYSTEM, 0]]) {
      const account = await world.account(await world.created(ops, key));
      const rent = await world.node.result('getMinimumBalanceForRentExemption', space);
      assert.deepEqual([account.owner, account.space, account.lamports], [owner, space, rent]);
    }
  });
  await check('worker on the VM: compensated, account.create gives its rent back and program.invoke calls what undoes it', async () => {
    const rows = ['purse', 'call:1'].map(key => ops.find(op => op.key === key));
    for (const { id } of rows) await world.site.lockstep(['compensate', String(id), '--reason', 'interop', '--yes']);
    ops = await world.settled(operations.length + rows.length);
    assert.deepEqual(rows.map(({ id }) => ops.find(op => op.id === id).state), ['compensated', 'compensated']);
    assert.equal(await world.account(await world.created(ops, 'purse')), null);
    const undone = ops.filter(op => !operations.some(({ key }) => key === op.key));
    const memos = (await Promise.all(undone.map(({ signature }) => world.memoOf(signature)))).join('\n');
    assert.match(memos, /taken back/);
  });
  await check('worker on the VM: a mint that is named by its address alone belongs to whichever program owns it', async () => {
    const mints = { shares: await world.created(ops, 'shares'), named: await world.created(ops, 'named') };
    world.mint = mints.shares;
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
}

async function testKill(world) {
  await check(`worker on the VM: killed in the middle of ${MEMOS} memos, another lands each exactly once`, async () => {
    const memos = Array.from({ length: MEMOS }, (_, i) => ({ kind: 'memo', key: `many:${i}`, payload: { text: `memo ${i}` } }));
    const before = await world.site.ops();
    const landed = (await world.landings()).size;
    await world.site.enqueue(memos);
    await world.node.until('the first memos', async () => (await world.landings()).size > landed);
    const [, signal] = await world.site.stopWorker('SIGKILL');
    assert.equal(signal, 'SIGKILL');
    world.site.startWorker();
    const ops = await world.settled(before.length + MEMOS);
    assert.equal(ops.filter(hasLanded).length, before.filter(hasLanded).length + MEMOS);
    const landings = await world.landings();
    assert.equal(landings.size, landed + MEMOS);
    assert.ok([...landings.values()].every(signatures => signatures.length === 1), 'one landing each');
    const signatures = new Set(ops.filter(hasLanded).map(op => op.signature));
    assert.ok([...landings.values()].every(([signature]) => signatures.has(signature)), 'the signature in the database is the one on the ledger');
  });
  await check('worker on the VM: told to stop, it ends by itself', async () => {
    assert.deepEqual(await world.site.stopWorker('SIGTERM'), [0, null]);
  });
}

export async function testWorker({ build, seed, databaseUrl }) {
  assert.ok(databaseUrl, 'LS_TEST_URL must name an empty database; run.sh makes one');
  const random = new Random(seed);
  const ledger = await listen({ slotMs: SLOT_MS, slotsPerCallMax: SLOTS_PER_CALL_MAX, seed });
  const site = new Installation({ build, databaseUrl, ledgerUrl: ledger.url });
  const world = new World(site, new Node('vm', ledger.judgeUrl, makeSetup(random)), random);
  try {
    await world.fund();
    site.startWorker();
    await testKinds(world);
    await testDays(world, ledger.chain, random);
    await testKill(world);
  } finally {
    site.remove();
    ledger.close();
  }
}

// Bad days of the chain around the real VM, under each fence: whatever it does, every operation lands
// exactly once, and what was proved dead stays dead.
import assert from 'node:assert/strict';
import { check } from './checks.mjs';
import { Faults } from './vm/faults.mjs';
import { Audit, fenceOf } from './worker/audit.mjs';

const FENCES = ['expiry', 'marker', 'nonce'];
const OPERATIONS = 36; // of each fence
const NONCES = 12;
const CANCELS = 3;
const REPLAY_HEIGHTS = 4;
const CHANCES = { again: 20, miss: 10, mangle: 3, return: 50 };
const REASON = ['--reason', 'interop'];

// A third of each kind; whoever is paid was never paid before.
function operationsOf(world, fence, mint) {
  return Array.from({ length: OPERATIONS }, (_, i) => {
    const key = `bad:${fence}:${i}`;
    const to = world.somebody();
    return [
      { kind: 'memo', key, payload: { text: `a bad day under ${fence}, number ${i}.` } },
      { kind: 'sol.transfer', key, payload: { to, lamports: String(1_000_000 + i) } },
      { kind: 'token.mint_to', key, payload: { mint, to, amount: String(1 + i) } },
    ][i % 3];
  });
}

async function enqueue(world, operations, fence) {
  for (const kind of new Set(operations.map(one => one.kind))) await world.site.enqueue(operations.filter(one => one.kind === kind), fence);
}

const ofFence = (ops, fence) => ops.filter(op => op.key.startsWith(`bad:${fence}:`));

// The day itself: everything at once, a worker killed in the middle of it.
async function live(world, chain, faults, days) {
  const before = (await world.site.ops()).length;
  chain.faults = faults;
  const landed = chain.landed.size;
  for (const [fence, operations] of days) await enqueue(world, operations, fence);
  await world.node.until('the first of them', async () => chain.landed.size > landed);
  await world.site.stopWorker('SIGKILL');
  world.site.startWorker();
  const ops = await world.settled(before + days.size * OPERATIONS);
  chain.faults = null;
  return ops;
}

// Whatever a node was ever given comes again, when nobody expects it. What took effect must not change.
async function replay(world, chain) {
  const effects = () => [...chain.landed.values()].filter(record => record.err === null).map(record => record.tx.signature).sort();
  const before = effects();
  for (const { bytes } of [...chain.arrived.values()]) await world.node.send(bytes, { skipPreflight: true });
  await world.node.passHeight(await world.node.result('getBlockHeight', { commitment: 'processed' }) + REPLAY_HEIGHTS);
  assert.deepEqual(effects(), before);
  return before.length;
}

function assertBad(faults) {
  const { counts, perFence } = faults;
  console.log(`        ${JSON.stringify({ ...counts, ...Object.fromEntries(perFence) })}`);
  assert.ok(Object.values(counts).every(count => count > 0), 'statuses were missed, answers mangled, blocks lost');
  for (const fence of FENCES) assert.ok(Object.values(perFence.get(fence)).every(count => count > 0), `every fault met ${fence}`);
}

async function testDay(world, chain, random, mint) {
  const faults = new Faults(random, fenceOf, CHANCES);
  const days = new Map(FENCES.map(fence => [fence, operationsOf(world, fence, mint)]));
  const audit = new Audit(world);
  let ops;
  await check(`bad day on the VM: dropped, late, forked, missed, mangled and a worker killed, all ${FENCES.length * OPERATIONS} are done`, async () => {
    await world.site.lockstep(['nonce', 'create', String(NONCES), ...REASON]);
    await world.settled((await world.site.ops()).length);
    ops = await live(world, chain, faults, days);
    const bad = ops.filter(op => op.key.startsWith('bad:'));
    assert.ok(bad.every(op => op.state === 'done'), JSON.stringify(bad.filter(op => op.state !== 'done')));
    assertBad(faults);
  });
  if (!ops) return undefined;
  for (const fence of FENCES) {
    await check(`bad day on the VM: under ${fence} each landed exactly once, with the signature in the database`, async () => {
      await audit.assertOnce(days.get(fence), ops);
      assert.ok(ofFence(ops, fence).some(op => op.attempts > 1), 'some needed a second attempt');
    });
  }
  await check('bad day on the VM: every marker was made once, by the landing of its operation', async () => {
    world.markers = await audit.markers(ofFence(ops, 'marker'));
  });
  await check('bad day on the VM: every value of a nonce let one transaction in, some for a higher fee', async () => {
    const { accounts, bumps } = await audit.nonces(ofFence(ops, 'nonce').map(op => op.signature));
    assert.ok(accounts > 1 && accounts <= NONCES && bumps > 0, `${accounts} accounts, ${bumps} higher fees`);
  });
  return { ops, days };
}

// Nothing of them lands by itself, and a person cancels them.
async function testCancel(world, chain, random) {
  const faults = new Faults(random, fenceOf, {}, { deck: ['lands'], hasForks: false });
  const operations = operationsOf(world, 'nonce', world.mint).filter(one => one.kind === 'sol.transfer').slice(0, CANCELS)
    .map(one => ({ ...one, key: `un${one.key}` }));
  const audit = new Audit(world);
  await check('bad day on the VM: what is cancelled under a nonce is dead at once, and stays so', async () => {
    const before = await world.site.ops();
    const arrived = new Set(chain.arrived.keys());
    faults.swallows = tx => operations.some(({ payload }) => tx.addresses.includes(payload.to));
    chain.faults = faults;
    await enqueue(world, operations, 'nonce');
    const mine = async () => (await world.site.ops()).filter(op => op.key.startsWith('unbad:'));
    const elders = () => [...chain.arrived.values()].filter(tx => !arrived.has(tx.signature));
    const isSent = ({ payload }) => elders().some(tx => tx.addresses.includes(payload.to));
    await world.node.until('all are sent', async () => operations.every(isSent));
    const sent = elders();
    for (const { id } of await mine()) await world.site.lockstep(['cancel', String(id), ...REASON, '--yes']);
    await world.settled(before.length + CANCELS);
    assert.deepEqual((await mine()).map(op => op.state), Array(CANCELS).fill('cancelled'));
    chain.faults = null;
    for (const { bytes } of sent) assert.equal((await world.node.send(bytes)).error?.data?.err, 'BlockhashNotFound');
    await audit.assertNever(operations);
  });
}

async function testReclaim(world, ops) {
  await check('bad day on the VM: the rent of every marker comes back, once', async () => {
    const before = (await world.site.ops()).length;
    await world.site.sql(`UPDATE lockstep.history SET finished_at = now() - interval '1000 days' WHERE key LIKE 'bad:marker:%'`);
    assert.equal(Number(await world.site.sql('SELECT lockstep.reclaim_markers(1000)')), world.markers.length);
    const all = await world.settled(before + world.markers.length);
    await new Audit(world).assertReclaimed(world.markers, all.filter(op => op.key.startsWith('ls:rent:')));
    assert.equal(Number(await world.site.sql('SELECT lockstep.reclaim_markers(1000)')), 0);
  });
}

// `world.mint`: a mint of the payer's.
export async function testDays(world, chain, random) {
  const lived = await testDay(world, chain, random, world.mint);
  if (lived === undefined) return;
  const { ops, days } = lived;
  await testCancel(world, chain, random);
  await testReclaim(world, ops);
  await check('bad day on the VM: whatever was ever sent comes again, and nothing takes effect twice', async () => {
    assert.ok(await replay(world, chain) > FENCES.length * OPERATIONS / 2);
    for (const operations of days.values()) await new Audit(world).assertOnce(operations, ops);
  });
}

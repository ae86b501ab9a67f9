// The simulated ledger against the real VM: every case answered alike by both.
import assert from 'node:assert/strict';
import { check } from './checks.mjs';
import { rpcCases } from './rpc_cases.mjs';
import { Node } from './rpc/node.mjs';
import { shapeOf } from './rpc/shape.mjs';
import { startSimulator } from './rpc/simulator.mjs';
import { listen } from './vm_server.mjs';
import { makeSetup } from './wire/cases.mjs';
import { Random } from './wire/random.mjs';

const SLOT_MS = 20;

export async function testRpc({ build, seed, url }) {
  const setup = makeSetup(new Random(seed));
  const simulator = url ? { url, close: () => {} } : await startSimulator({ build, slotMs: SLOT_MS, seed });
  const real = await listen({ slotMs: SLOT_MS, seed });
  const nodes = [new Node('vm', real.url, setup), new Node('simulator', simulator.url, setup)];
  for (const [sentence, run] of rpcCases) await check(`vm and simulator agree: ${sentence}`, () => compare(nodes, run));
  real.close();
  await check('the simulator stops when asked', () => simulator.close());
}

async function compare(nodes, run) {
  const [vm, simulator] = await Promise.all(nodes.map(node => run(node)));
  assert.deepEqual(simulator.meaning, vm.meaning, 'meaning: the simulator (actual) differs from the VM (expected)');
  assert.deepEqual(shapeOf(simulator.shape ?? null), shapeOf(vm.shape ?? null), 'shape: the simulator (actual) differs from the VM (expected)');
}

// Everything that is proved against the official packages and the real VM.
//   main.mjs --build DIRECTORY [--seed N] [--simulator URL: one that runs already]
import { parseArgs } from 'node:util';
import { check, close } from './checks.mjs';
import { testKinds } from './kinds_test.mjs';
import { testRpc } from './rpc_test.mjs';
import { testWire } from './wire_test.mjs';
import { testWorker } from './worker_test.mjs';

const { values } = parseArgs({ options: { build: { type: 'string' }, seed: { type: 'string' }, simulator: { type: 'string' } } });
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
console.log(`seed ${seed} (repeat with --seed ${seed})`);
const program = `${values.build}/tests/interop/interop_vectors`;

// What breaks between two checks counts as a failed one.
const group = (sentence, run) => run().catch(error => check(sentence, () => { throw error; }));

await testWire({ program, seed });
for (const memo of ['memo v4', 'memo v3']) await testKinds({ program, seed, memo });
await group('the simulator and the VM can be asked', () => testRpc({ build: values.build, seed, url: values.simulator }));
await group('a worker can be set up', () => testWorker({ build: values.build, seed, databaseUrl: process.env.LS_TEST_URL }));
process.exit(close());

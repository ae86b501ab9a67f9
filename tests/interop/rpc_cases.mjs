// The one list of RPC cases. Each is [sentence, run(node)] and is run, in this order,
// against every ledger: the real VM behind vm_server.mjs and the simulated one.
import { clientCases } from './rpc/client_cases.mjs';
import { durableCases, oldDurableCases } from './rpc/durable_cases.mjs';
import { nonceCases } from './rpc/nonce_cases.mjs';
import { readCases } from './rpc/read_cases.mjs';
import { refusalCases } from './rpc/refusal_cases.mjs';
import { sendCases } from './rpc/send_cases.mjs';
import { timeCases } from './rpc/time_cases.mjs';

export const rpcCases = [...readCases, ...sendCases, ...nonceCases, ...durableCases, ...refusalCases, ...clientCases, ...timeCases,
  ...oldDurableCases];

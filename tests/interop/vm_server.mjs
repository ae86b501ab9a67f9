// JSON-RPC over HTTP on loopback in front of the VM: enough of a node for a worker.
//   vm_server.mjs [--port N] [--slot-ms N] [--seed TEXT]
// Prints one line, "listening on http://127.0.0.1:PORT", and serves until it is ended.
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { Chain } from './vm/chain.mjs';
import { toJson } from './vm/codec.mjs';
import { METHODS } from './vm/methods.mjs';
import { RpcError } from './vm/params.mjs';

const BODY_BYTES_MAX = 4 << 20;
const JUDGE_PATH = '/judge';

function answerOne(chain, call) {
  const isCall = call !== null && typeof call === 'object' && !Array.isArray(call)
    && call.jsonrpc === '2.0' && typeof call.method === 'string';
  const reply = { id: call?.id ?? null, jsonrpc: '2.0' };
  if (!isCall) return { ...reply, error: { code: -32600, message: 'Invalid request' } };
  try {
    if (!Object.hasOwn(METHODS, call.method)) throw new RpcError(-32601, 'Method not found');
    const params = call.params ?? [];
    if (!Array.isArray(params)) throw new RpcError(-32602, 'Invalid params: expected a sequence');
    return { ...reply, result: METHODS[call.method](chain, params) };
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    const { code, message, data } = error;
    return { ...reply, error: { code, message, ...(data === undefined ? {} : { data }) } };
  }
}

export function answer(chain, body) {
  let parsed;
  try {
    parsed = JSON.parse(body);
  } catch {
    return { error: { code: -32700, message: 'Parse error' }, id: null, jsonrpc: '2.0' };
  }
  const isBatch = Array.isArray(parsed) && parsed.length > 0;
  return isBatch ? parsed.map(call => answerOne(chain, call)) : answerOne(chain, parsed);
}

async function readBody(request) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

// On a bad day an answer does not arrive as it was meant. What was asked is carried out but where the
// connection is cut.
function mangle(how, text, request, send) {
  if (how === 'gateway') return send(502, 'text/html', '<html><h1>Bad Gateway</h1></html>');
  if (how === 'html') return send(200, 'text/html', '<html>Checking your browser</html>');
  if (how === 'half') return send(200, 'application/json; charset=utf-8', text.slice(0, text.length / 2));
  return request.socket.destroy();
}

// Whoever asks at JUDGE_PATH is told everything as it is.
async function serve(chain, request, response) {
  const send = (status, type, text) => response.writeHead(status, { 'content-type': type }).end(text);
  if (request.method === 'GET' && request.url === '/health') return send(200, 'text/plain', 'ok');
  if (request.method !== 'POST') return send(405, 'text/plain', 'Used HTTP Method is not allowed. POST or OPTIONS is required\n');
  const body = await readBody(request);
  if (body === null) return send(413, 'text/plain', 'Payload too large\n');
  chain.advance(Date.now());
  const how = request.url === JUDGE_PATH ? undefined : chain.faults?.mangled();
  const text = how === 'cut' ? '' : toJson(answer(chain, body));
  return how === undefined ? send(200, 'application/json; charset=utf-8', text) : mangle(how, text, request, send);
}

// Serve a new chain; resolves to { url, judgeUrl, chain, close }.
export function listen({ port = 0, slotMs = 400, seed = 'interop', slotsPerCallMax = Infinity }) {
  const chain = new Chain({ slotMs, seed, nowMs: Date.now(), slotsPerCallMax });
  const server = createServer((request, response) => {
    serve(chain, request, response).catch(error => {
      process.stderr.write(`${error.stack}\n`);
      response.writeHead(500).end();
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve({
      url: `http://127.0.0.1:${server.address().port}`,
      judgeUrl: `http://127.0.0.1:${server.address().port}${JUDGE_PATH}`,
      chain,
      close: () => { server.close(); server.closeAllConnections(); },
    }));
  });
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({
    options: { port: { type: 'string', default: '8899' }, 'slot-ms': { type: 'string', default: '400' }, seed: { type: 'string', default: 'interop' } },
  });
  const { url } = await listen({ port: Number(values.port), slotMs: Number(values['slot-ms']), seed: values.seed });
  process.stdout.write(`listening on ${url}\n`);
}

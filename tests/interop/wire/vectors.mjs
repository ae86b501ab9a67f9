// Asks our own code, through the program interop_vectors.
import { spawnSync } from 'node:child_process';

const hex = bytes => Buffer.from(bytes).toString('hex');
export const unhex = text => new Uint8Array(Buffer.from(text, 'hex'));

export function runVectors(program, setup, { cases = [], atas = [], canonical = [], nonces = [] }) {
  const input = JSON.stringify({
    seeds: setup.seeds.map(hex), tag_key: hex(setup.tagKey), genesis: setup.genesis, blockhash: setup.blockhash,
    mint_rent: setup.mintRent.toString(),
    cases: cases.map(({ kind, payload, key }) => ({ kind, key, payload: typeof payload === 'string' ? payload : JSON.stringify(payload) })),
    atas, canonical, nonces,
  });
  const { status, stdout, stderr, error } = spawnSync(program, { input, encoding: 'utf8', maxBuffer: 64 << 20, timeout: 60_000 });
  if (error) throw error;
  if (status !== 0) throw new Error(`${program} exits ${status}: ${stderr}`);
  return JSON.parse(stdout);
}

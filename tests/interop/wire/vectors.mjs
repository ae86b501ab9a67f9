// Asks our own code, through the program interop_vectors.
import { spawnSync } from 'node:child_process';
import { spaceOf } from './space.mjs';

const hex = bytes => Buffer.from(bytes).toString('hex');
export const unhex = text => new Uint8Array(Buffer.from(text, 'hex'));

export function runVectors(program, setup, { cases = [], atas = [], canonical = [], nonces = [], seeded = [] }) {
  const input = JSON.stringify({
    seeds: setup.seeds.map(hex), tag_key: hex(setup.tagKey), genesis: setup.genesis, blockhash: setup.blockhash,
    cases: cases.map(one => ({
      kind: one.kind, key: one.key, owner: one.owner, rent: setup.rentOf(spaceOf(one)).toString(), held: String(one.held ?? 0),
      unit_limit: String(one.budget?.limit ?? 0), unit_price: String(one.budget?.price ?? 0),
      marker_rent: one.marker ? setup.rentOf(0).toString() : undefined,
      payload: typeof one.payload === 'string' ? one.payload : JSON.stringify(one.payload),
    })),
    atas, canonical, nonces, seeded,
  });
  const { status, stdout, stderr, error } = spawnSync(program, { input, encoding: 'utf8', maxBuffer: 64 << 20, timeout: 60_000 });
  if (error) throw error;
  if (status !== 0) throw new Error(`${program} exits ${status}: ${stderr}`);
  return JSON.parse(stdout);
}

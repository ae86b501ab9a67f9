// The simulated ledger as users start it: `lockstep sim listen`, ended by its own pid.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const START_MS_MAX = 10_000;

// Resolves to { url, close }; rejects when it does not say where it listens.
export async function startSimulator({ build, slotMs, seed }) {
  const program = `${build}/lockstep`;
  const args = ['sim', 'listen', '--port', '0', '--slot-ms', String(slotMs), '--seed', String(seed)];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  ended.catch(() => {});
  const url = await Promise.race([urlFrom(child), ended.then(([code, signal]) => {
    throw new Error(`${program} ${args.join(' ')} ended with ${code ?? signal} before it listened`);
  })]).catch(error => {
    child.kill();
    throw error;
  });
  return {
    url,
    close: async () => {
      child.kill('SIGTERM');
      const [code, signal] = await ended;
      if (code !== 0) throw new Error(`${program} ended with ${code ?? signal} when asked to stop`);
    },
  };
}

async function urlFrom(child) {
  const late = setTimeout(() => child.stdout.destroy(), START_MS_MAX);
  for await (const line of createInterface({ input: child.stdout })) {
    const found = /http:\/\/127\.0\.0\.1:\d+/.exec(line);
    if (found) {
      clearTimeout(late);
      child.stdout.resume();
      return found[0];
    }
  }
  throw new Error('the simulator did not say where it listens');
}

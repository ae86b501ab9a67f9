// One lockstep installation for a test: configuration, key, schema, worker processes.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const COMMAND_MS_MAX = 30_000;

export class Installation {
  constructor({ build, databaseUrl, ledgerUrl }) {
    this.program = `${build}/lockstep`;
    this.databaseUrl = databaseUrl;
    this.dir = mkdtempSync(join(tmpdir(), 'lockstep-interop-'));
    this.env = { ...process.env, LOCKSTEP_CONFIG: join(this.dir, 'lockstep.conf') };
    this.key = join(this.dir, 'payer.json');
    writeFileSync(this.env.LOCKSTEP_CONFIG, [
      '[environment]', 'name = interop', '[database]', `url = ${databaseUrl}`,
      '[ledger]', 'cluster = localnet', `endpoint = ${ledgerUrl}`,
      '[signer "payer"]', `keypair = ${this.key}`,
      '[worker]', 'lease = 3s', 'heartbeat = 1s', '[alert]', 'desktop = off', '[log]', `file = ${join(this.dir, 'log')}`, '',
    ].join('\n'));
  }

  // Run one command; its output. Input goes to its standard input.
  async lockstep(args, input) {
    const running = run(this.program, args, { env: this.env, timeout: COMMAND_MS_MAX, maxBuffer: 64 << 20 });
    running.child.stdin.end(input ?? '');
    return (await running).stdout;
  }

  // One statement as the database's owner; its rows as text.
  async sql(statement) {
    return (await run('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', this.databaseUrl, '-c', statement])).stdout.trim();
  }

  // Key and schema; resolves to the payer's address.
  async set() {
    const text = await this.lockstep(['key', 'new', this.key]);
    await this.lockstep(['migrate']);
    return text.trim().split('\n').at(-1);
  }

  // One line an operation: { kind, key, payload, entity }, each under the fence of its kind or under this one.
  enqueue(operations, fence) {
    return this.lockstep(['enqueue', operations[0].kind, '-', ...fence ? ['--fence', fence] : []], operations.map(one => `${JSON.stringify(one)}\n`).join(''));
  }

  async ops() {
    const text = await this.lockstep(['ops', '--jsonl', '--limit', '100000']);
    return text.split('\n').filter(Boolean).map(line => JSON.parse(line));
  }

  startWorker() {
    this.worker = spawn(this.program, ['worker'], { env: this.env, stdio: ['ignore', 'ignore', 'inherit'] });
    this.ended = once(this.worker, 'exit');
  }

  // Ends the worker by its own pid; resolves to [status, signal].
  async stopWorker(signal) {
    this.worker.kill(signal);
    const end = await this.ended;
    this.worker = undefined;
    return end;
  }

  remove() {
    this.worker?.kill('SIGKILL');
    rmSync(this.dir, { recursive: true });
  }
}

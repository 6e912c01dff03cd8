// core.test.mjs, callbacks.test.mjs, prompts.test.mjs and office.test.mjs against the real program: serves on free ports of loopback, lets
// somebody ring and leave a message, and hands the address and a fresh link on.
//   NIGHTDESK_BIN=target/debug/nightdesk node tests/browser/real.mjs
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { until } from './until.mjs';

const run = promisify(execFile);
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const BIN = resolve(process.env.NIGHTDESK_BIN ?? here('../../target/debug/nightdesk'));
const SPEECH = here('../../prompts/de/demo-caller.wav');

const free = () =>
  new Promise((found) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => found(port));
    });
  });

const folder = mkdtempSync(join(tmpdir(), 'nightdesk-browser-'));
const [sip, http] = [await free(), await free()];
const place = ['--data', folder, '--http', `127.0.0.1:${http}`];
const server = spawn(BIN, ['serve', ...place, '--sip', `127.0.0.1:${sip}`], { stdio: ['ignore', 'ignore', 'inherit'] });
const gone = new Promise((end) => server.once('exit', end));
const ring = ['call', `sip:+493023125000@127.0.0.1:${sip}`, '--from', 'sip:+493023125042@127.0.0.1', '--play', SPEECH, '--keys', '#', '--linger', '1'];

let code = 1;
try {
  await until(async () => (await fetch(`http://127.0.0.1:${http}/readyz`).catch(() => null))?.ok, 20_000);
  await run(BIN, ring);
  const link = (await run(BIN, ['login', ...place])).stdout.trim();
  const env = {
    ...process.env,
    NIGHTDESK_URL: `http://127.0.0.1:${http}`,
    NIGHTDESK_LOGIN: link,
    NIGHTDESK_LOGIN_CALLBACKS: (await run(BIN, ['login', ...place])).stdout.trim(),
    NIGHTDESK_LOGIN_OFFICE: (await run(BIN, ['login', ...place])).stdout.trim(),
    NIGHTDESK_LOGIN_PROMPTS: (await run(BIN, ['login', ...place])).stdout.trim(),
    NIGHTDESK_ARRIVE: [BIN, ...ring].map((word) => `'${word}'`).join(' '),
  };
  const tests = spawn(process.execPath, ['--test', '--test-concurrency=1', ...(process.env.NIGHTDESK_PARTS ?? 'core callbacks prompts office').split(' ').map((part) => here(`${part}.test.mjs`))], { stdio: 'inherit', env });
  code = await new Promise((end) => tests.once('exit', end));
} finally {
  server.kill('SIGTERM');
  await gone;
  rmSync(folder, { recursive: true, force: true });
}
process.exit(code ?? 1);

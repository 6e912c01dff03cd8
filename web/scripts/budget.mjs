// Fails where the first load grows beyond its budget, or where the built page
// would break the content security policy of the server (UI: no inline script
// or style, nothing from elsewhere).
import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BUDGET_BYTES = 60 * 1024;
const dist = new URL('../dist/', import.meta.url);

let html;
try {
  html = readFileSync(new URL('index.html', dist), 'utf8');
} catch {
  fail('web/dist is missing: run `npm run build` first');
}

// What the browser fetches before it can draw: the document and all it names,
// and what those scripts import statically.
const first = new Set(['index.html']);
for (const [, path] of html.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)) visit(path);

function visit(path) {
  if (first.has(path)) return;
  first.add(path);
  if (!path.endsWith('.js')) return;
  const text = readFileSync(new URL(path, dist), 'utf8');
  for (const [, name] of text.matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) visit(`assets/${name}`);
}

let total = 0;
for (const path of first) {
  const size = gzipSync(readFileSync(new URL(path, dist)), { level: 9 }).length;
  total += size;
  console.log(`${(size / 1024).toFixed(1).padStart(7)} kB  ${path}`);
}
console.log(`${(total / 1024).toFixed(1).padStart(7)} kB  first load, gzip (budget ${BUDGET_BYTES / 1024} kB)`);
if (total > BUDGET_BYTES) fail('first load is over its budget');

if (/<script(?![^>]*\ssrc=)[^>]*>/i.test(html)) fail('index.html has an inline script: the policy would block it');
if (/<style|\sstyle=|\son[a-z]+=/i.test(html)) fail('index.html has inline style or handlers: the policy would block them');
if (/(?:src|href)="(?:https?:)?\/\//i.test(html)) fail('index.html loads from elsewhere: the policy would block it');
for (const name of readdirSync(new URL('assets/', dist)).filter((one) => one.endsWith('.js'))) {
  const text = readFileSync(new URL(`assets/${name}`, dist), 'utf8');
  if (/\bnew Function\(|\beval\(/.test(text)) fail(`${name} evaluates text as code: the policy would block it`);
  if (/<[a-z][^<>]*\sstyle="/i.test(text)) fail(`${name} has a template with a style attribute: the policy would block it`);
}

function fail(why) {
  console.error(`budget: ${why}`);
  process.exit(1);
}

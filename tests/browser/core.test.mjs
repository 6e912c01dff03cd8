// The way of the first message: sign in, see it, hear it, delete it, take that
// back, see the next one arrive. Runs against the mock by default, and against
// a real server with
//   NIGHTDESK_URL    http://127.0.0.1:…
//   NIGHTDESK_LOGIN  a fresh one-time link (`nightdesk login`)
//   NIGHTDESK_ARRIVE a shell command after which one more message is there
// The real server needs at least one message of 3 s or more when this starts.
import assert from 'node:assert/strict';
import { exec } from 'node:child_process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { launch, row, rows, visit } from './harness.mjs';
import { fill, Mock } from './mock.mjs';
import { until } from './until.mjs';

const REAL = process.env.NIGHTDESK_URL;
const ARRIVE = process.env.NIGHTDESK_ARRIVE;
const REFUSED = [/status of 401/];

let browser;
let mock;
let url;
let link;
let storageState;

before(async () => {
  browser = await launch();
  if (REAL) {
    url = REAL.replace(/\/$/, '');
    link = process.env.NIGHTDESK_LOGIN;
    assert.ok(link, 'NIGHTDESK_URL is set: NIGHTDESK_LOGIN must be a fresh link (nightdesk login)');
  } else {
    mock = await new Mock().start();
    fill(mock);
    url = mock.url;
    link = mock.link();
  }
});

after(async () => {
  await browser?.close();
  await mock?.stop();
});

async function signedIn(options = {}) {
  const visitor = await visit(browser, { url, storageState, ...options });
  await visitor.page.goto('/');
  await rows(visitor.page).first().waitFor();
  return visitor;
}

test('a one-time link signs in, once, and leaves no trace in the address', async () => {
  const { page, context, done } = await visit(browser, { url, allowed: REFUSED });
  await page.goto(link);
  await rows(page).first().waitFor();
  assert.equal(page.url(), `${url}/`);
  assert.ok(!(await page.evaluate(() => history.length > 2)), 'no entry with the token is left');
  storageState = await context.storageState();
  assert.ok(storageState.cookies.some((cookie) => cookie.httpOnly), 'the session cookie is HttpOnly');
  await done();
});

test('a used link says so and what to do', async () => {
  const { page, done } = await visit(browser, { url, allowed: REFUSED });
  await page.goto(link);
  await page.getByRole('heading', { name: 'Dieser Link gilt nicht mehr' }).waitFor();
  assert.ok(await page.getByText('nightdesk login').isVisible());
  assert.ok(!page.url().includes('#'));
  await done();
});

test('a used link where a session lives simply goes on', async () => {
  const { page, done } = await visit(browser, { url, storageState, allowed: REFUSED });
  await page.goto(link);
  await rows(page).first().waitFor();
  await done();
});

test('without a session the page says how to get one', async () => {
  const { page, done } = await visit(browser, { url, allowed: REFUSED });
  await page.goto('/');
  await page.getByRole('heading', { name: 'Sie sind nicht angemeldet' }).waitFor();
  await done();
});

test('a message is played, marked heard, and seeks by a range', async () => {
  const { page, done } = await signedIn();
  const ranges = [];
  page.on('request', async (request) => {
    if (/\/audio$/.test(request.url())) ranges.push((await request.allHeaders()).range);
  });
  await spyOnAudio(page);
  await page.reload();
  const first = await longEnough(page);
  await unhear(first);
  await first.getByRole('button', { name: /abspielen$/ }).click();
  const at = () => page.evaluate(() => globalThis.__audio.currentTime);
  await page.waitForFunction(() => globalThis.__audio.currentTime > 0.3 && !globalThis.__audio.paused);
  await first.locator('.heard[aria-pressed="true"]').waitFor();
  const seek = first.getByRole('slider');
  const max = Number(await seek.getAttribute('max'));
  await seek.fill((max * 0.5).toFixed(1));
  await page.waitForFunction((half) => globalThis.__audio.currentTime >= half, max * 0.5 - 0.2);
  assert.ok((await at()) < max, 'it sought, it did not end');
  assert.ok(ranges.some((range) => /^bytes=\d+-/.test(range ?? '')), `a range was asked for: ${ranges}`);
  await first.getByRole('button', { name: 'Anhalten' }).click();
  await page.waitForFunction(() => globalThis.__audio.paused);
  // The mark is on the server, not only on the screen.
  const id = await first.getAttribute('data-id');
  await page.reload();
  await row(page, id).locator('.heard[aria-pressed="true"]').waitFor();
  await done();
});

test('heard is switched both ways and stays', async () => {
  const { page, done } = await signedIn();
  const id = await rows(page).first().getAttribute('data-id');
  const heard = row(page, id).locator('.heard');
  for (const _ of [1, 2]) {
    const was = await heard.getAttribute('aria-pressed');
    const patched = page.waitForResponse((response) => response.request().method() === 'PATCH');
    await heard.click();
    await patched;
    await page.reload();
    await row(page, id).locator(`.heard[aria-pressed="${was === 'true' ? 'false' : 'true'}"]`).waitFor();
  }
  await done();
});

test('deleting acts at once and is taken back', async () => {
  const { page, done } = await signedIn();
  const id = await rows(page).first().getAttribute('data-id');
  const count = await rows(page).count();
  const deleted = page.waitForResponse((response) => response.request().method() === 'DELETE');
  await row(page, id).getByRole('button', { name: /löschen$/ }).click();
  await row(page, id).waitFor({ state: 'detached' });
  assert.equal((await deleted).status(), 204);
  await page.getByRole('button', { name: 'Rückgängig' }).click();
  await row(page, id).waitFor();
  assert.equal(await rows(page).count(), count);
  assert.equal(await rows(page).first().getAttribute('data-id'), id, 'it is back in its place');
  await page.reload();
  await row(page, id).waitFor();
  await done();
});

test('a new message is on the screen less than a second after it is kept', { skip: REAL && !ARRIVE }, async () => {
  const { page, context, done } = await signedIn();
  const known = await idsOf(page);
  await page.evaluate(() => {
    globalThis.__seen = {};
    const look = () => document.querySelectorAll('main li[data-id]').forEach((one) => (globalThis.__seen[one.dataset.id] ??= Date.now()));
    new MutationObserver(look).observe(document.querySelector('main'), { childList: true, subtree: true });
  });
  const { id, keptAt } = REAL ? await ringReally(context, known) : await arriveInMemory();
  await row(page, id).waitFor();
  const took = (await page.evaluate((one) => globalThis.__seen[one], id)) - keptAt;
  assert.ok(took < 1000, `it took ${took} ms`);
  assert.equal((await idsOf(page))[0], id, 'the new one stands at the top');
  await done();
});

async function arriveInMemory() {
  await until(() => mock.streams.size > 0);
  const keptAt = Date.now();
  return { id: mock.arrive({ caller: '+49301234567' }).id, keptAt };
}

/** Kept is when the API first lists it, asked every few milliseconds beside the page. */
async function ringReally(context, known) {
  const rung = promisify(exec)(ARRIVE);
  let id;
  await until(async () => {
    const answer = await context.request.get('/api/v1/messages?limit=1');
    id = (await answer.json()).messages[0]?.id;
    return id && !known.includes(id);
  }, 120_000);
  const keptAt = Date.now();
  await rung;
  return { id, keptAt };
}

const idsOf = (page) => rows(page).evaluateAll((all) => all.map((one) => one.dataset.id));

test('signing out ends the session', async () => {
  const { page, done } = await signedIn({ allowed: REFUSED });
  await page.getByRole('button', { name: 'Menü' }).click();
  await page.getByRole('button', { name: 'Abmelden' }).click();
  await page.getByRole('heading', { name: 'Sie sind nicht angemeldet' }).waitFor();
  await page.goto('/');
  await page.getByRole('heading', { name: 'Sie sind nicht angemeldet' }).waitFor();
  await done();
});

/** The page's one audio element is in no document: remember it when it is made. */
async function spyOnAudio(page) {
  await page.addInitScript(() => {
    const Original = globalThis.Audio;
    globalThis.Audio = function (...args) {
      globalThis.__audio = new Original(...args);
      return globalThis.__audio;
    };
  });
}

async function longEnough(page) {
  await rows(page).first().waitFor();
  for (const one of await rows(page).all()) {
    const [, minutes, seconds] = /(\d+):(\d\d)/.exec(await one.locator('.length').innerText()) ?? [];
    if (Number(minutes) * 60 + Number(seconds) >= 3) return row(page, await one.getAttribute('data-id'));
  }
  throw new Error('no message of 3 s or more to play');
}

async function unhear(one) {
  if ((await one.locator('.heard').getAttribute('aria-pressed')) === 'true') await one.locator('.heard').click();
  await one.locator('.heard[aria-pressed="false"]').waitFor();
}

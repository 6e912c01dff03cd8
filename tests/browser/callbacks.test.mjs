// The queue of callbacks: taken, rung, done, taken back, while others work and new ones come in. Against the mock by
// default, and against a real server as core.test.mjs is, with a fresh link of its own in NIGHTDESK_LOGIN_CALLBACKS.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { assertAccessible, assertFitsThumbs, launch, OUT, PHONE, row, rows, visit } from './harness.mjs';
import { OTHER } from './mock_callbacks.mjs';
import { fill, Mock } from './mock.mjs';
import { until } from './until.mjs';

const REAL = process.env.NIGHTDESK_URL;
const WIDE = { width: 1280, height: 900 };
const REFUSED = [/status of (404|409|503)/];
const mocked = { skip: REAL ? 'needs the mock' : false };

let browser;
let mock;

before(async () => (browser = await launch()));
after(() => browser?.close());
beforeEach(async () => {
  if (REAL) return;
  mock = await new Mock().start();
  fill(mock);
});
afterEach(() => mock?.stop());

async function atQueue(options = {}) {
  const url = REAL ? REAL.replace(/\/$/, '') : mock.url;
  const visitor = await visit(browser, { url, allowed: REFUSED, ...options });
  const { page } = visitor;
  await page.goto(REAL ? process.env.NIGHTDESK_LOGIN_CALLBACKS : mock.link());
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.locator('[popovertarget]').click();
  await page.locator('#menu a[href="/callbacks"]').click();
  await rows(page).first().waitFor();
  return visitor;
}

const button = (at, name) => at.getByRole('button', { name, exact: true });

test('a callback is taken, rung and done, and what was done last is taken back', async () => {
  const { page, done } = await atQueue();
  const first = rows(page).first();
  const id = await first.getAttribute('data-id');
  await page.getByRole('button', { name: 'Nächster' }).click();
  const taken = row(page, id);
  await taken.getByText('bei Ihnen').waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.id), `title-${id}`, 'the focus is where the work is');
  await button(taken, 'Niemand da').click();
  await taken.getByText('ein Versuch').waitFor();
  await page.getByRole('button', { name: 'Rückgängig' }).click();
  await taken.getByText('ein Versuch').waitFor({ state: 'detached' });
  await taken.getByText('bei Ihnen').waitFor();
  await button(taken, 'Erreicht').click();
  await taken.getByText('ein Versuch').waitFor();
  await taken.locator('.title').click();
  await taken.locator('ol li').first().waitFor();
  await taken.getByLabel('Notiz', { exact: true }).fill('will ein Angebot');
  await button(taken, 'Notiz sichern').click();
  await taken.locator('.note', { hasText: 'will ein Angebot' }).waitFor();
  await button(taken, 'Termin vereinbart').click();
  await taken.locator('.title').click();
  await page.getByRole('button', { name: 'Erledigt', exact: true }).click();
  await row(page, id).getByText('Termin vereinbart').waitFor();
  await done();
});

test('others come in without moving what somebody reads', mocked, async () => {
  const { page, done } = await atQueue();
  const second = rows(page).nth(1);
  const id = await second.getAttribute('data-id');
  await second.locator('.title').focus();
  const before = (await second.boundingBox()).y;
  for (let n = 0; n < 3; n++) mock.callbacks.arrive({ name: `Neu ${n}`, first: true });
  await page.getByRole('button', { name: '3 neue' }).waitFor();
  assert.equal((await row(page, id).boundingBox()).y, before, 'nothing moved');
  assert.equal(await page.evaluate(() => document.activeElement?.id), `title-${id}`);
  await page.getByRole('button', { name: '3 neue' }).click();
  await until(async () => (await rows(page).first().innerText()).includes('Neu 2'));
  await done();
});

test('somebody else was faster, and the row says so', mocked, async () => {
  const { page, done } = await atQueue();
  const one = mock.callbacks.items[1];
  Object.assign(one, { holder: OTHER, state: 'claimed' });
  await row(page, one.id).getByRole('button', { name: /übernehmen$/ }).click();
  await page.getByRole('alert').getByText('schon jemand anderes').waitFor();
  await row(page, one.id).getByText('bei Werkstatt').waitFor();
  await done();
});

test('a number that needs leave is no link until it is allowed; a call takes the entry', mocked, async () => {
  const { page, done } = await atQueue();
  const abroad = row(page, mock.callbacks.items[3].id);
  await abroad.getByText('Freigabe nötig: Ausland (AT)').waitFor();
  assert.equal(await abroad.locator('a[href^="tel:"]').count(), 0);
  await abroad.locator('.title').click();
  await button(abroad, 'Nummer freigeben').click();
  const call = abroad.locator('a[href^="tel:"]');
  await call.waitFor();
  assert.equal(await call.getAttribute('href'), 'tel:+43158800110');
  // The link itself would leave the page for a telephone.
  await call.evaluate((link) => link.addEventListener('click', (event) => event.preventDefault()));
  await call.click();
  await abroad.getByText('bei Ihnen').waitFor();
  assert.ok(mock.callbacks.keys.size >= 2, 'each request says who it is');
  await done();
});

test('filters, messages within, and keys', mocked, async () => {
  const { page, done } = await atQueue();
  await page.getByText('überfällig seit 20 Minuten').waitFor();
  await page.getByText('3 Anrufe, zuletzt').waitFor();
  await page.getByRole('button', { name: 'Überfällig' }).click();
  await until(async () => (await rows(page).count()) === 1);
  await rows(page).first().locator('.title').click();
  await rows(page).first().getByRole('button', { name: /abspielen$/ }).click();
  await until(() => mock.audioRequests.length > 0);
  await page.getByRole('button', { name: 'Alle offenen' }).click();
  await until(async () => (await rows(page).count()) === 6);
  await rows(page).nth(0).locator('.title').focus();
  await page.keyboard.press('j');
  assert.equal(await page.evaluate(() => document.activeElement?.id), `title-${mock.callbacks.items[1].id}`);
  await page.keyboard.press('a');
  await rows(page).nth(1).getByText('bei Ihnen').waitFor();
  await page.keyboard.press('k');
  assert.equal(await page.evaluate(() => document.activeElement?.id), `title-${mock.callbacks.items[0].id}`);
  await done();
});

for (const colorScheme of ['light', 'dark']) {
  for (const language of ['de', 'en']) {
    for (const [size, viewport] of [['phone', PHONE], ['wide', WIDE]]) {
      test(`the queue is usable by all: ${size}, ${colorScheme}, ${language}`, mocked, async () => {
        const { page, done } = await atQueue({ viewport, colorScheme });
        await page.evaluate((chosen) => localStorage.setItem('nightdesk.language', chosen), language);
        await page.reload();
        await rows(page).first().waitFor();
        const look = async (where) => {
          await assertAccessible(page, `${where}, ${size}, ${colorScheme}, ${language}`);
          await assertFitsThumbs(page, where);
          if (language === 'de') {
            await page.screenshot({ path: new URL(`callbacks-${size}-${colorScheme}-${where}.png`, OUT).pathname, fullPage: true });
          }
        };
        await look('queue');
        await page.locator('header .lit').click();
        await rows(page).first().locator('.chip').first().waitFor();
        await rows(page).first().locator('.title').click();
        await rows(page).first().locator('ol li').first().waitFor();
        await rows(page).first().locator('.message').waitFor();
        mock.callbacks.arrive({ first: true });
        await page.locator('.waiting').waitFor();
        // At the foot of the page nothing is hidden for good by what floats there.
        await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
        await look('open');
        mock.callbacks.items = [];
        await page.reload();
        await page.locator('.quiet').waitFor();
        await look('empty');
        mock.faults.set('GET /api/v1/callbacks', 503);
        await page.reload();
        await page.getByRole('alert').waitFor();
        await look('failed');
        await done();
      });
    }
  }
}

// How the page behaves where a real server seldom goes: gaps, refusals, silence,
// hostile names, somebody reading while the telephone rings.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { assertFitsThumbs, launch, row, rows, visit } from './harness.mjs';
import { fill, Mock } from './mock.mjs';
import { until } from './until.mjs';

let browser;
let mock;

before(async () => (browser = await launch()));
after(() => browser?.close());
beforeEach(async () => {
  mock = await new Mock().start();
  fill(mock);
});
afterEach(() => mock.stop());

async function signedIn(options = {}) {
  const visitor = await visit(browser, { url: mock.url, ...options });
  await visitor.page.goto(mock.link());
  await visitor.page.getByRole('heading', { level: 1 }).waitFor();
  await until(() => mock.streams.size > 0);
  return visitor;
}

const top = (locator) => locator.evaluate((one) => one.getBoundingClientRect().top);
const play = (one) => one.locator('.play');

test('a second link pasted into the same tab signs in', async () => {
  const { page, done } = await visit(browser, { url: mock.url, allowed: [/status of 401/] });
  await page.goto(`${mock.url}/login#long-gone`);
  await page.getByRole('heading', { name: 'Dieser Link gilt nicht mehr' }).waitFor();
  await page.goto(mock.link());
  await rows(page).first().waitFor();
  await done();
});

test('a link is not lost when the server cannot be reached', async () => {
  const { page, done } = await visit(browser, { url: mock.url, allowed: [/ERR_EMPTY_RESPONSE|ERR_CONNECTION/] });
  mock.faults.set('POST /api/v1/session', 'drop');
  await page.goto(mock.link());
  await page.getByRole('heading', { name: 'Nightdesk ist nicht zu erreichen' }).waitFor();
  mock.faults.clear();
  await page.getByRole('button', { name: 'Noch einmal versuchen' }).click();
  await rows(page).first().waitFor();
  await done();
});

test('too many sign-ins are told apart from a used link', async () => {
  const { page, done } = await visit(browser, { url: mock.url, allowed: [/429/] });
  mock.faults.set('POST /api/v1/session', 429);
  await page.goto(mock.link());
  await page.getByRole('heading', { name: 'Die Anmeldung ging gerade nicht' }).waitFor();
  mock.faults.clear();
  await page.getByRole('button', { name: 'Noch einmal versuchen' }).click();
  await rows(page).first().waitFor();
  await done();
});

test('language is switched, remembered, and never mixed', async () => {
  const { page, done } = await signedIn();
  await page.getByText('3 neue Nachrichten').waitFor();
  await page.getByRole('button', { name: 'Menü' }).click();
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByText('3 new messages').waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'en');
  await page.reload();
  await page.getByText('3 new messages').waitFor();
  await page.locator('.title').first().click();
  await page.getByText('Course of the call').waitFor();
  const words = await page.locator('body').innerText();
  assert.doesNotMatch(words, /Löschen|Gehört|Heute|Verlauf|Zurückrufen|detail-|event-|row-/);
  await done();
});

test('the account says the language where nobody chose one', async () => {
  const { page, done } = await signedIn({ locale: 'en-GB' });
  await page.getByText('3 neue Nachrichten').waitFor();
  await done();
});

test('while somebody reads, a new message waits and nothing moves', async () => {
  const { page, done } = await signedIn();
  const third = rows(page).nth(2);
  await third.locator('.title').focus();
  const before = await top(third);
  const message = mock.arrive();
  await page.getByRole('button', { name: '1 neue anzeigen' }).waitFor();
  mock.arrive();
  await page.getByRole('button', { name: '2 neue anzeigen' }).waitFor();
  assert.equal(await top(third), before, 'the focused row moved');
  assert.ok(await third.locator('.title').evaluate((one) => one === document.activeElement));
  await page.getByRole('button', { name: '2 neue anzeigen' }).click();
  await row(page, message.id).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.closest('li')?.dataset.id), mock.messages[0].id);
  await done();
});

test('while one plays, a new message waits; the waiting one may be deleted elsewhere', async () => {
  const { page, done } = await signedIn();
  await play(rows(page).nth(1)).click();
  await page.locator('.play.sounding').waitFor();
  const before = await top(rows(page).nth(1));
  const message = mock.arrive();
  await page.locator('.waiting').waitFor();
  assert.equal(await top(rows(page).nth(1)), before);
  mock.messages = mock.messages.filter((one) => one !== message);
  mock.tell('message', message.id, 'deleted');
  await page.locator('.waiting').waitFor({ state: 'detached' });
  await done();
});

test('only one message sounds at a time, at the speed that was chosen', async () => {
  const { page, done } = await signedIn();
  await play(rows(page).nth(0)).click();
  await page.locator('.play.sounding').waitFor();
  await page.getByRole('button', { name: '1,5×' }).click();
  await play(rows(page).nth(1)).click();
  await rows(page).nth(1).locator('.play.sounding').waitFor();
  assert.equal(await page.locator('.play.sounding').count(), 1);
  assert.equal(await page.getByRole('button', { name: '1,5×' }).getAttribute('aria-pressed'), 'true');
  await page.reload();
  await rows(page).first().locator('.title').click();
  assert.equal(await page.getByRole('button', { name: '1,5×' }).getAttribute('aria-pressed'), 'true');
  await done();
});

test('changes made elsewhere show up here', async () => {
  const { page, done } = await signedIn();
  const [first, second] = mock.messages;
  first.state = 'heard';
  mock.tell('message', first.id, 'changed');
  await row(page, first.id).locator('.heard[aria-pressed="true"]').waitFor();
  mock.messages = mock.messages.filter((one) => one !== second);
  mock.tell('message', second.id, 'deleted');
  await row(page, second.id).waitFor({ state: 'detached' });
  await page.getByText('Eine neue Nachricht', { exact: true }).waitFor();
  await done();
});

test('after a gap in the live line everything is read again', async () => {
  const { page, done } = await signedIn({ allowed: [/ERR_|net::/] });
  mock.arrive({ caller: '+4940555111' }, { quiet: true });
  mock.cut();
  await page.getByText('040 555111').waitFor();
  mock.arrive({ caller: '+4940555222' }, { quiet: true });
  await until(() => mock.streams.size > 0);
  mock.resync();
  await page.getByText('040 555222').waitFor();
  await done();
});

test('a long gap is said, and the line can be asked back', async () => {
  const { page, done } = await signedIn({ allowed: [/./] });
  mock.faults.set('GET /api/v1/events', 503);
  mock.cut();
  await page.getByText('Verbindung unterbrochen', { exact: false }).waitFor();
  mock.faults.clear();
  await page.getByRole('button', { name: 'Jetzt verbinden' }).click();
  await page.getByText('Verbindung unterbrochen', { exact: false }).waitFor({ state: 'detached' });
  await done();
});

test('a list that does not load says why and tries again', async () => {
  const { page, done } = await signedIn({ allowed: [/503|ERR_/] });
  mock.faults.set('GET /api/v1/messages', 503);
  await page.reload();
  await page.getByText('storage_unavailable', { exact: false }).waitFor();
  mock.faults.set('GET /api/v1/messages', 'drop');
  await page.getByRole('button', { name: 'Noch einmal versuchen' }).click();
  await page.getByText('keine Verbindung', { exact: false }).waitFor();
  mock.faults.clear();
  await page.getByRole('button', { name: 'Noch einmal versuchen' }).click();
  await rows(page).first().waitFor();
  await done();
});

test('what the server refuses is taken back and said', async () => {
  const { page, done } = await signedIn({ allowed: [/503/] });
  const first = mock.messages[0];
  mock.faults.set('PATCH', 503);
  mock.faults.set('DELETE', 503);
  await row(page, first.id).locator('.heard').click();
  await page.getByRole('alert').waitFor();
  await row(page, first.id).locator('.heard[aria-pressed="false"]').waitFor();
  await page.getByRole('alert').getByRole('button', { name: 'Schließen' }).click();
  await row(page, first.id).locator('.bin').click();
  await page.getByRole('alert').waitFor();
  await row(page, first.id).waitFor();
  await page.getByText('3 neue Nachrichten').waitFor();
  await done();
});

test('undo is there for ten seconds, stands still under the pointer, takes several back', async () => {
  const { page, done } = await signedIn();
  await page.clock.install();
  await page.reload();
  await rows(page).first().waitFor();
  const ids = mock.messages.slice(0, 2).map((one) => one.id);
  await row(page, ids[0]).locator('.bin').click();
  await row(page, ids[1]).locator('.bin').click();
  const bar = page.getByText('2 Nachrichten gelöscht');
  await page.clock.runFor(9_000);
  assert.ok(await bar.isVisible());
  await bar.hover();
  await page.clock.runFor(20_000);
  assert.ok(await bar.isVisible(), 'it waits under the pointer');
  await page.getByRole('button', { name: 'Rückgängig' }).click();
  for (const id of ids) await row(page, id).waitFor();
  await page.mouse.move(0, 0);
  await row(page, ids[0]).locator('.bin').click();
  await page.mouse.move(0, 0);
  await page.getByText('Nachricht gelöscht', { exact: true }).waitFor();
  await page.clock.runFor(10_500);
  await page.getByText('Nachricht gelöscht', { exact: true }).waitFor({ state: 'detached' });
  assert.ok(mock.deleted.has(ids[0]));
  await done();
});

test('everything is done by keys alone, and the focus is never lost', async () => {
  const { page, done } = await signedIn();
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent?.trim());
  await page.keyboard.press('Tab');
  assert.equal(await focused(), 'Zu den Nachrichten springen');
  await page.keyboard.press('Enter');
  await tabTo(page, '.play');
  await page.keyboard.press('Enter');
  await page.locator('.play.sounding').waitFor();
  await page.keyboard.press('Enter');
  await page.locator('.play.sounding').waitFor({ state: 'detached' });
  await tabTo(page, 'input[type=range]');
  const at = () => page.getByRole('slider').inputValue().then(Number);
  const was = await at();
  await page.keyboard.press('ArrowRight');
  assert.ok((await at()) - was > 1.5, 'an arrow moves two seconds');
  assert.match(await page.getByRole('slider').getAttribute('aria-valuetext'), /von 36 Sekunden/);
  const second = mock.messages[1].id;
  await page.locator(`#title-${second}`).focus();
  await tabTo(page, '.bin');
  await page.keyboard.press('Enter');
  await row(page, second).waitFor({ state: 'detached' });
  assert.equal(await page.evaluate(() => document.activeElement?.id), `title-${mock.messages[1].id}`);
  await tabTo(page, '.act', 60);
  await page.keyboard.press('Enter');
  await row(page, second).waitFor();
  await done();
});

test('the polite region tells what a reader cannot see', async () => {
  const { page, done } = await signedIn();
  mock.arrive({ caller_name: 'Schreinerei Winkel' });
  await page.locator('[role=status][aria-live=polite]', { hasText: 'Neue Nachricht von Schreinerei Winkel' }).waitFor({ state: 'attached' });
  await page.waitForFunction(() => document.title.startsWith('(4)'));
  await done();
});

test('names and words from strangers stay text', async () => {
  const evil = '<img src=x onerror="window.__hit=1"><b>x</b>';
  mock.arrive({ caller_name: evil, transcript: evil, caller: 'javascript:alert(1)' });
  mock.arrive({ caller_name: 'A'.repeat(300), caller: '+4930' + '1'.repeat(10) });
  const { page, done } = await signedIn();
  await page.getByText(evil).first().waitFor();
  assert.equal(await page.evaluate(() => window.__hit), undefined);
  assert.equal(await page.locator('a[href^="javascript"]').count(), 0);
  await assertFitsThumbs(page, 'a list with hostile names');
  await done();
});

test('a withheld number offers no call, a known one dials what arrived', async () => {
  const { page, done } = await signedIn();
  const withheld = mock.messages.find((one) => one.caller === null);
  await row(page, withheld.id).getByText('Nummer unterdrückt').waitFor();
  assert.equal(await row(page, withheld.id).locator('a[href^="tel:"]').count(), 0);
  const named = mock.messages.find((one) => one.caller_name === 'Bäckerei am Markt');
  await row(page, named.id).getByText('0711 9876543').waitFor();
  assert.equal(await row(page, named.id).locator('a[href^="tel:"]').getAttribute('href'), 'tel:+497119876543');
  await done();
});

test('a recording that cannot be played says so and can still be fetched', async () => {
  mock.arrive({ damaged: 'gone' });
  const { page, done } = await signedIn({ allowed: [/404/] });
  const first = rows(page).first();
  await play(first).click();
  await first.getByRole('alert').waitFor();
  assert.match(await first.locator('a[download]').getAttribute('href'), /\/audio\?download=1$/);
  await first.getByText('Beschädigt', { exact: true }).waitFor();
  await done();
});

test('older messages come when asked for, new ones can be looked at alone', async () => {
  for (let i = 0; i < 130; i++) mock.arrive({ at: new Date(Date.now() - (i + 200) * 3_600_000).toISOString(), state: 'heard', peaks: [9, 80] }, { quiet: true });
  const { page, done } = await signedIn();
  assert.equal(await rows(page).count(), 50);
  await page.getByRole('button', { name: 'Ältere anzeigen' }).click();
  await rows(page).nth(99).waitFor();
  await page.getByRole('button', { name: 'Ältere anzeigen' }).click();
  await rows(page).nth(135).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Ältere anzeigen' }).count(), 0);
  const ids = await rows(page).evaluateAll((all) => all.map((one) => one.dataset.id));
  assert.deepEqual(ids, mock.messages.map((one) => one.id), 'newest first, none twice, none missing');
  await page.getByRole('button', { name: 'Neu', exact: true }).click();
  await until(async () => (await rows(page).count()) === 3);
  await done();
});

test('what was deleted here and restored elsewhere is back', async () => {
  const { page, done } = await signedIn();
  const { id } = mock.messages[0];
  await row(page, id).locator('.bin').click();
  await row(page, id).waitFor({ state: 'detached' });
  await until(() => mock.deleted.has(id));
  await page.getByRole('group', { name: 'Nachricht gelöscht' }).getByRole('button', { name: 'Schließen' }).click();
  await page.evaluate(() => document.activeElement?.blur());
  mock.restore(id);
  await row(page, id).waitFor();
  await done();
});

test('a session that ended elsewhere leads to the door', async () => {
  const { page, done } = await signedIn({ allowed: [/401/] });
  mock.sessions.clear();
  await rows(page).first().locator('.heard').click();
  await page.getByRole('heading', { name: 'Sie sind nicht angemeldet' }).waitFor();
  await done();
});

test('a wrong address says so', async () => {
  const { page, done } = await signedIn();
  await page.goto('/nowhere');
  await page.getByRole('link', { name: 'Zu den Nachrichten' }).click();
  await rows(page).first().waitFor();
  await done();
});

/** Tab until something that matches has the focus. */
async function tabTo(page, selector, most = 40) {
  for (let i = 0; i < most; i++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
  }
  assert.fail(`${selector} is not reached by ${most} tabs`);
}

// The owner's office: closed for a while, heard by a trial call, the plan broken, mended and taken back. Against
// the mock by default, and against a real server as core.test.mjs is, with a fresh link of its own in
// NIGHTDESK_LOGIN_OFFICE.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { assertAccessible, assertFitsThumbs, DESK, launch, PHONE, visit } from './harness.mjs';
import { fill, Mock } from './mock.mjs';
import { until } from './until.mjs';

const REAL = process.env.NIGHTDESK_URL;
const CALLER = '+493023125042';
const REFUSED = [/status of (400|409|422|503)/];

let browser;
let mock;
let storageState;

before(async () => (browser = await launch()));
after(() => browser?.close());
beforeEach(async () => {
  if (REAL) return;
  mock = await new Mock().start();
  fill(mock);
});
afterEach(() => mock?.stop());

async function atOffice(options = {}) {
  const url = REAL ? REAL.replace(/\/$/, '') : mock.url;
  const visitor = await visit(browser, { url, storageState: REAL ? storageState : undefined, allowed: REFUSED, ...options });
  const { page, context } = visitor;
  if (!REAL) await page.goto(mock.link());
  else if (!storageState) await page.goto(process.env.NIGHTDESK_LOGIN_OFFICE);
  else await page.goto('/');
  await page.getByRole('heading', { level: 1 }).waitFor();
  if (REAL) storageState = await context.storageState();
  await page.locator('[popovertarget]').click();
  await page.locator('#menu a[href="/office"]').click();
  await page.locator('#state').waitFor();
  return visitor;
}

const tab = (page, name) => page.getByRole('navigation').getByRole('link', { name, exact: true }).click();
const editor = (page) => page.getByLabel('Text des Plans');
const ask = (page, path, data) =>
  page.evaluate(
    async ([path, data]) => {
      const answer = await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(data) });
      return answer.json();
    },
    [path, data],
  );

async function atPlan(options) {
  const visitor = await atOffice(options);
  await tab(visitor.page, 'Plan');
  await until(async () => (await editor(visitor.page).inputValue()).includes('[line]'));
  return visitor;
}

async function save(page, note) {
  await page.getByRole('button', { name: 'Änderungen ansehen' }).click();
  if (note) await page.getByLabel('Wozu?', { exact: false }).fill(note);
  await page.getByRole('button', { name: 'So übernehmen' }).click();
  await page.getByRole('button', { name: 'So übernehmen' }).waitFor({ state: 'detached' });
}

test('an owner closes until tomorrow in a few taps, callers hear it, and it is lifted again', async () => {
  const { page, done } = await atOffice();
  const close = page.getByRole('button', { name: /^(Schließen|Geschlossen lassen) bis/ });
  await close.click();
  await page.getByRole('radio', { name: 'Morgen früh' }).check();
  await page.getByLabel('Grund', { exact: false }).first().fill('Betriebsausflug');
  await page.getByRole('button', { name: 'Schließen', exact: true }).click();
  await page.getByRole('heading', { name: 'Geschlossen', exact: true }).waitFor();
  await page.getByText('Von Hand gesetzt: Betriebsausflug.').waitFor();
  assert.ok(await close.evaluate((one) => one === document.activeElement), 'the focus is where it was');
  if (REAL) {
    const { stretches } = await ask(page, '/api/v1/plan/week', { caller: CALLER });
    assert.deepEqual([stretches[0].open, stretches[0].line], [false, null], 'set by hand, in no line');
    assert.match(stretches[0].why.de, /geschlossen/);
    const told = await ask(page, '/api/v1/plan/simulate', { caller: CALLER });
    assert.match(told.why.de, /^geschlossen/);
  }
  await page.getByRole('button', { name: /^Aufheben/ }).click();
  await page.getByRole('button', { name: /^Aufheben/ }).waitFor({ state: 'detached' });
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'state');
  await done();
});

test('a time that is over is told before anything is sent', async () => {
  const { page, done } = await atOffice();
  await page.getByRole('button', { name: /^Öffnen bis|^Offen lassen bis/ }).click();
  await page.getByRole('radio', { name: 'Anderer Zeitpunkt' }).check();
  const own = page.getByLabel('Tag und Uhrzeit');
  // Whoever types may be slower than the limit of the input.
  await own.evaluate((one) => one.removeAttribute('min'));
  await own.fill('2020-01-01T08:00');
  await page.getByRole('button', { name: 'Öffnen', exact: true }).click();
  await page.getByText('Dieser Zeitpunkt ist schon vorbei.').waitFor();
  await page.getByRole('button', { name: 'Abbrechen' }).click();
  await done();
});

test('a broken text is told at its line and changes nothing; a good one counts; an older one comes back', async () => {
  const { page, done } = await atPlan();
  const good = await editor(page).inputValue();
  const at = good.split('\n').findIndex((line) => /^(open|closed) +=|^open/.test(line));
  const lines = good.split('\n');
  lines[at] = lines[at].replace(/"[^"]+"/, '"menu.gone"');
  await editor(page).fill(lines.join('\n'));
  const finding = page.getByRole('list', { name: 'Fehler und Hinweise' }).getByRole('listitem').filter({ hasText: 'menu.gone' });
  await finding.first().waitFor();
  const place = finding.first().getByRole('button', { name: `Zeile ${at + 1}` });
  await place.click();
  const chosen = await editor(page).evaluate((one) => one.value.slice(one.selectionStart, one.selectionEnd));
  assert.equal(chosen, lines[at], 'the line of the finding is selected');
  await page.getByRole('button', { name: 'Änderungen ansehen' }).click();
  assert.ok(await page.getByRole('button', { name: 'So übernehmen' }).isDisabled());

  const better = `${good}\n# ein Wort dazu\n`;
  await editor(page).fill(better);
  await page.getByText('Der Text ist in Ordnung.').waitFor();
  await page.getByRole('button', { name: 'Weiter schreiben' }).click();
  await save(page, 'Ein Wort');
  const history = page.locator('section[aria-labelledby="history"] li');
  await history.first().getByText('Ein Wort').waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'history');
  await page.reload();
  await until(async () => (await editor(page).inputValue()) === better);

  const older = history.nth(1);
  const name = await older.locator('.title').innerText();
  await older.locator('.head').click();
  await older.getByRole('button', { name: /wieder nehmen$/ }).click();
  await history.first().getByText(name === 'Mitgelieferter Plan' ? /Fassung/ : /wieder Fassung/).first().waitFor();
  await until(async () => (await editor(page).inputValue()) === good);
  await done();
});

test('a trial call is played by keys, and its line leads into the text', async () => {
  const { page, done } = await atOffice();
  await tab(page, 'Probeanruf');
  await page.getByLabel('Meine Nummer').fill('030 23125042');
  await page.getByLabel('Wann').fill('2026-12-24T19:30');
  const told = page.getByRole('region', { name: 'Verlauf des Probeanrufs' });
  await told.getByText('19:30').waitFor();
  await page.getByRole('button', { name: 'Taste 1', exact: true }).click();
  await page.getByRole('button', { name: 'Abwarten' }).click();
  assert.deepEqual(await page.locator('.pressed kbd').allInnerTexts(), ['1', 'Abwarten']);
  if (!REAL) {
    await told.getByText('Dringende Nachricht gespeichert').waitFor();
    assert.deepEqual(mock.office.asked.at(-1), { caller: '030 23125042', at: '2026-12-24T19:30', keys: '1_' });
  }
  const step = told.getByRole('listitem').first().getByRole('button');
  const line = Number(/\d+/.exec(await step.innerText())[0]);
  await step.click();
  await until(async () => (await page.locator('textarea').count()) === 1);
  await until(() => editor(page).evaluate((one) => one.selectionEnd > one.selectionStart));
  const [value, start] = await editor(page).evaluate((one) => [one.value, one.selectionStart]);
  assert.equal(value.slice(0, start).split('\n').length, line);
  assert.match(page.url(), /\/office\/plan$/);
  await page.goBack();
  await told.waitFor();
  await page.getByRole('radio', { name: 'Unterdrückt' }).check();
  await told.getByText('ruft jemand ohne Nummer an.', { exact: false }).waitFor();
  await done();
});

test('a PIN is set, and one that is easy to guess is not', async () => {
  const { page, done } = await atOffice();
  await tab(page, 'PIN');
  const digits = page.locator('input[inputmode=numeric]');
  await digits.fill('123456');
  await page.getByRole('button', { name: 'PIN setzen' }).click();
  await page.getByText('zu leicht zu erraten', { exact: false }).waitFor();
  await digits.fill('473926');
  await page.getByRole('button', { name: 'PIN setzen' }).click();
  await page.getByText('Eine PIN ist gesetzt', { exact: false }).waitFor();
  assert.equal(await digits.inputValue(), '', 'it is shown nowhere');
  await done();
});

test('what somebody else does shows up, and never touches what is being typed', { skip: REAL }, async () => {
  const { page, done } = await atPlan();
  await until(() => mock.streams.size > 0);
  const before = await editor(page).inputValue();
  mock.office.apply(before.replace('07:30-13:00', '07:30-14:00'), { note: 'Länger' });
  mock.tell('plan', '3', 'changed');
  await until(async () => (await editor(page).inputValue()).includes('07:30-14:00'));

  const mine = `${before}\n# meins\n`;
  await editor(page).fill(mine);
  mock.office.apply(before.replace('07:30-13:00', '07:30-15:00'), { note: 'Noch länger' });
  mock.tell('plan', '4', 'changed');
  await page.getByRole('heading', { name: 'Jemand anderes war schneller' }).waitFor();
  await page.getByText('Noch länger').first().waitFor();
  assert.match(await page.getByRole('region', { name: 'Was dort geändert wurde' }).innerText(), /07:30-15:00/);
  assert.equal(await editor(page).inputValue(), mine);
  await page.getByRole('button', { name: 'Mit meinem Text weiter' }).click();
  await save(page);
  assert.equal(mock.office.last.text, mine);
  assert.equal(mock.office.last.based_on, 4);
  await done();
});

test('who is too late keeps the text and sees what the other one did', { skip: REAL }, async () => {
  const { page, done } = await atPlan();
  const before = await editor(page).inputValue();
  const mine = `${before}\n# meins\n`;
  await editor(page).fill(mine);
  await page.getByRole('button', { name: 'Änderungen ansehen' }).click();
  // No event comes: the server's refusal is the first that is heard of it.
  mock.office.apply(before.replace('07:30-13:00', '07:30-15:00'), { author: 'Bernd', note: 'Länger' });
  await page.getByText('Der Text ist in Ordnung.').waitFor();
  await page.getByRole('button', { name: 'So übernehmen' }).click();
  await page.getByText('Inzwischen gilt Fassung 3 von Bernd.', { exact: false }).waitFor();
  assert.equal(await editor(page).inputValue(), mine);
  await page.getByRole('button', { name: 'Meinen Text verwerfen' }).click();
  await until(async () => (await editor(page).inputValue()).includes('07:30-15:00'));
  await done();
});

test('opening hours set elsewhere show up here', { skip: REAL }, async () => {
  const { page, done } = await atOffice();
  await until(() => mock.streams.size > 0);
  const at = new Date().toISOString();
  mock.office.overrides.push({ id: 'o1', open: true, from: at, until: new Date(Date.now() + 7_200_000).toISOString(), reason: null, author: 'Telefon', set_at: at });
  mock.tell('opening', 'o1', 'created');
  await page.getByRole('heading', { name: 'Offen', exact: true }).waitFor();
  await page.getByText('Telefon', { exact: false }).waitFor();
  await done();
});

test('agents and plans of a directory read, and are told why they cannot write', { skip: REAL }, async () => {
  mock.session.person.role = 'agent';
  const { page, done } = await atPlan();
  await page.getByText('Ändern darf den Plan nur, wem das Büro gehört', { exact: false }).waitFor();
  assert.ok(await editor(page).evaluate((one) => one.readOnly));
  assert.equal(await page.getByRole('link', { name: 'PIN' }).count(), 0);
  await tab(page, 'Öffnung');
  assert.equal(await page.getByRole('button', { name: /bis …$/ }).count(), 0);
  mock.session.person.role = 'owner';
  mock.office.file = 'talblick.toml';
  mock.office.held = true;
  await page.goto('/office/plan');
  await page.getByText('Dieser Plan ist die Datei talblick.toml', { exact: false }).waitFor();
  await page.getByText('Dieser Text zählt nicht', { exact: false }).waitFor();
  assert.ok(await editor(page).evaluate((one) => one.readOnly));
  await done();
});

test('what does not load says so, and is asked for again', { skip: REAL }, async () => {
  const { page, done } = await atOffice();
  mock.faults.set('GET /api/v1/opening', 503);
  await page.reload();
  await page.getByRole('alert').waitFor();
  mock.faults.clear();
  await page.getByRole('button', { name: 'Noch einmal versuchen' }).click();
  await page.locator('#state').waitFor();
  await done();
});

for (const colorScheme of ['light', 'dark']) {
  for (const [size, viewport] of [['phone', PHONE], ['desk', { ...DESK, width: 1280 }]]) {
    test(`the office is usable by all: ${size}, ${colorScheme}`, { skip: REAL }, async () => {
      const { page, done } = await atOffice({ viewport, colorScheme });
      const look = async (where) => {
        await assertAccessible(page, `${where}, ${size}, ${colorScheme}`);
        await assertFitsThumbs(page, where, 24);
      };
      await look('opening');
      await page.getByRole('button', { name: /Geschlossen lassen bis/ }).click();
      await page.getByRole('radio', { name: 'Anderer Zeitpunkt' }).check();
      await look('a form to close');
      await page.getByRole('radio', { name: 'Morgen früh' }).check();
      await page.getByRole('button', { name: 'Schließen', exact: true }).click();
      await page.getByRole('button', { name: /^Aufheben/ }).waitFor();
      await page.locator('summary').first().click();
      await look('closed by hand');
      await tab(page, 'Probeanruf');
      await page.getByText('Nachricht gespeichert').waitFor();
      await look('a trial call');
      await tab(page, 'Plan');
      const text = await editor(page).inputValue();
      await editor(page).fill(text.replace('"menu.abend"', '"menu.gone"').replace('[message.tag]', '[message.tag] # hm'));
      await page.getByText('Ein Fehler', { exact: false }).waitFor();
      await page.getByRole('button', { name: 'Änderungen ansehen' }).click();
      await page.locator('section[aria-labelledby="history"] .head').first().click();
      await look('a plan with findings, its changes, and the history');
      mock.office.apply(`${text}\n# anders\n`);
      mock.tell('plan', '3', 'changed');
      await page.getByRole('heading', { name: 'Jemand anderes war schneller' }).waitFor();
      await look('overtaken');
      mock.office.pin = { set: true, set_at: '2026-11-01T08:00:00Z', locked_at: '2026-11-02T08:00:00Z', wrong: 10 };
      await tab(page, 'PIN');
      await page.getByText('Gesperrt nach', { exact: false }).waitFor();
      await look('a locked PIN');
      await page.getByRole('button', { name: 'Wieder zulassen' }).click();
      await page.getByText('Eine PIN ist gesetzt', { exact: false }).waitFor();
      await done();
    });
  }
}

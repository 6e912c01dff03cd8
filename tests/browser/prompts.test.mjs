// Prompts: heard, replaced in three ways, gone back to. Against the mock by default, and against a real
// server as core.test.mjs is, with a fresh link of its own in NIGHTDESK_LOGIN_PROMPTS.
import assert from 'node:assert/strict';
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { assertAccessible, assertFitsThumbs, DESK, launch, PHONE, visit } from './harness.mjs';
import { fill, Mock } from './mock.mjs';
import { until } from './until.mjs';
import { speechLike } from './wav.mjs';

const REAL = process.env.NIGHTDESK_URL;

let browser;
let mock;
let folder;
let storageState;

before(async () => {
  browser = await launch();
  folder = mkdtempSync(join(tmpdir(), 'nightdesk-prompts-'));
  writeFileSync(join(folder, 'ansage.wav'), speechLike(2));
  writeFileSync(join(folder, 'brief.wav'), 'Sehr geehrte Damen und Herren');
});
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  if (REAL) return;
  mock = await new Mock().start();
  fill(mock);
});
afterEach(() => mock?.stop());

async function atPrompts(options = {}) {
  const url = REAL ? REAL.replace(/\/$/, '') : mock.url;
  const visitor = await visit(browser, { url, storageState: REAL ? storageState : undefined, ...options });
  const { page, context } = visitor;
  if (!REAL) await page.goto(mock.link());
  else if (!storageState) await page.goto(process.env.NIGHTDESK_LOGIN_PROMPTS);
  else await page.goto('/');
  await page.getByRole('heading', { level: 1 }).waitFor();
  if (REAL) storageState = await context.storageState();
  await page.getByRole('button', { name: 'Menü' }).click();
  await page.getByRole('link', { name: 'Ansagen' }).click();
  await at(page, 'de/greeting').waitFor();
  return visitor;
}

const at = (page, place) => page.locator(`li[data-place="${place}"]`);
const openAt = async (page, place) => {
  const one = at(page, place);
  await one.locator('.title').click();
  await one.getByRole('button', { name: 'Tippen' }).waitFor();
  return one;
};
const own = (one) => one.getByText('Eigene', { exact: true });

test('an owner replaces the greeting by text and by a file, goes back, and takes the shipped one again', async () => {
  const { page, done } = await atPrompts();
  const greeting = await openAt(page, 'de/greeting');
  const shipped = await greeting.locator('.words').innerText();
  await greeting.getByRole('button', { name: 'Tippen' }).click();
  await greeting.getByLabel('Text, der gesprochen werden soll').fill('Wir sind ab neun Uhr wieder da.');
  await greeting.getByRole('button', { name: 'Sprechen lassen und übernehmen' }).click();
  await own(greeting).waitFor();
  assert.equal(await greeting.locator('.words').innerText(), 'Wir sind ab neun Uhr wieder da.');

  await greeting.getByRole('button', { name: 'Datei', exact: true }).click();
  await greeting.getByLabel('Audiodatei', { exact: false }).setInputFiles(join(folder, 'ansage.wav'));
  await greeting.getByLabel('Was darin gesagt wird', { exact: false }).fill('Grüß Gott.');
  await greeting.getByRole('button', { name: 'Übernehmen', exact: true }).click();
  await greeting.getByText('Fassung 2', { exact: true }).waitFor();
  assert.equal(await greeting.locator('.words').innerText(), 'Grüß Gott.');

  await greeting.getByRole('button', { name: 'Fassung 1 wieder nehmen' }).click();
  await greeting.getByRole('button', { name: 'Fassung 2 wieder nehmen' }).waitFor();
  await page.reload();
  await openAt(page, 'de/greeting');
  assert.equal(await greeting.locator('.words').innerText(), 'Wir sind ab neun Uhr wieder da.', 'the server has it');
  await greeting.getByRole('button', { name: 'Mitgelieferte Ansage wieder nehmen' }).click();
  await own(greeting).waitFor({ state: 'detached' });
  assert.equal(await greeting.locator('.words').innerText(), shipped);
  await done();
});

test('an owner records in the page, listens, and uses it', async () => {
  const { page, done } = await atPrompts();
  const saved = await openAt(page, 'de/saved');
  await saved.getByRole('button', { name: 'Aufnahme beginnen' }).click();
  await saved.getByRole('timer').getByText('0:02').waitFor();
  await saved.getByRole('button', { name: 'Fertig gesprochen' }).click();
  await saved.getByRole('button', { name: /^Anhören/ }).click();
  await saved.getByRole('button', { name: 'Anhalten' }).first().click();
  await saved.getByRole('button', { name: 'Übernehmen', exact: true }).click();
  await own(saved).waitFor();
  if (!REAL) {
    const [{ place, type, bytes }] = mock.uploads;
    assert.deepEqual([place, type], ['de/saved', 'audio/wav']);
    assert.deepEqual([bytes.readUInt16LE(22), bytes.readUInt32LE(24), bytes.readUInt16LE(34)], [1, 16_000, 16]);
    const samples = new Int16Array(bytes.buffer.slice(bytes.byteOffset + 44, bytes.byteOffset + bytes.length));
    assert.ok(samples.length > 16_000 && samples.some((one) => Math.abs(one) > 300), 'the device was heard');
  }
  await saved.getByRole('button', { name: 'Mitgelieferte Ansage wieder nehmen' }).click();
  await own(saved).waitFor({ state: 'detached' });
  await done();
});

test('what is no audio is refused in words, and nothing has changed', async () => {
  const { page, done } = await atPrompts({ allowed: [/status of 422/] });
  const greeting = await openAt(page, 'de/greeting');
  await greeting.getByRole('button', { name: 'Datei', exact: true }).click();
  await greeting.getByLabel('Audiodatei', { exact: false }).setInputFiles(join(folder, 'brief.wav'));
  await greeting.getByRole('button', { name: 'Übernehmen', exact: true }).click();
  await greeting.getByRole('alert').getByText('Diese Datei lässt sich nicht lesen', { exact: false }).waitFor();
  assert.equal(await own(greeting).count(), 0);
  await done();
});

test('prompts are heard, in both languages', async () => {
  const { page, done } = await atPrompts();
  const greeting = at(page, 'de/greeting');
  const asked = page.waitForRequest(/prompts\/de\/greeting\/audio\?version=shipped/);
  await greeting.locator('.play').click();
  await asked;
  await greeting.locator('.play.sounding').waitFor();
  await page.getByRole('button', { name: 'Englisch' }).click();
  await at(page, 'en/greeting').waitFor();
  assert.equal(await greeting.count(), 0);
  await page.getByRole('link', { name: 'Zurück zu den Nachrichten' }).click();
  await page.locator('main li[data-id]').first().waitFor();
  await page.goBack();
  await at(page, 'de/greeting').waitFor();
  await done();
});

if (!REAL) {
  test('a change made elsewhere is seen', async () => {
    const { page, done } = await atPrompts();
    await until(() => mock.streams.size > 0);
    mock.make(mock.prompts.find((one) => one.language === 'de' && one.id === 'saved'), 'phone', '');
    mock.tell('prompt', 'de/saved', 'changed');
    await own(at(page, 'de/saved')).waitFor();
    await at(page, 'de/saved').getByText('Ohne Text').waitFor();
    await done();
  });

  test('a microphone that is refused is said', async () => {
    const { page, done } = await atPrompts();
    await page.evaluate(() => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'));
    });
    const greeting = await openAt(page, 'de/greeting');
    await greeting.getByRole('button', { name: 'Aufnahme beginnen' }).click();
    await greeting.getByText('darf das Mikrofon nicht benutzen', { exact: false }).waitFor();
    await done();
  });

  for (const colorScheme of ['light', 'dark']) {
    for (const [size, viewport] of [['phone', PHONE], ['desk', DESK]]) {
      test(`prompts are usable by all: ${size}, ${colorScheme}`, async () => {
        mock.make(mock.prompts[1], 'upload', 'Grüß Gott, hier ist der Installateurbetrieb.');
        mock.make(mock.prompts[1], 'text', 'Donaudampfschifffahrtsgesellschaft'.repeat(8));
        const { page, done } = await atPrompts({ viewport, colorScheme });
        const look = async (where) => {
          await assertAccessible(page, `${where}, ${size}, ${colorScheme}`);
          await assertFitsThumbs(page, where);
        };
        await look('prompts');
        const greeting = await openAt(page, 'de/greeting');
        await look('a prompt opened');
        for (const way of ['Datei', 'Tippen']) {
          await greeting.getByRole('button', { name: way, exact: true }).click();
          await look(way);
        }
        await done();
      });
    }
  }
}

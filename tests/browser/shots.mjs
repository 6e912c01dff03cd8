// Pictures of every view in both themes and sizes, to be looked at: `node tests/browser/shots.mjs`.
import { DESK, launch, OUT, PHONE, row, rows, visit } from './harness.mjs';
import { fill, Mock } from './mock.mjs';

const browser = await launch();
const mock = await new Mock().start();
fill(mock);
mock.make(mock.prompts[1], 'phone', '');
mock.make(mock.prompts[1], 'text', 'Grüß Gott, hier ist der Sanitärbetrieb Talblick. Wir sind ab neun Uhr wieder da.');

for (const colorScheme of ['light', 'dark']) {
  for (const [size, viewport] of [['phone', PHONE], ['desk', DESK]]) {
    const { page, context } = await visit(browser, { url: mock.url, colorScheme, viewport, allowed: [/./] });
    const shot = (name, fullPage = true) => page.screenshot({ path: new URL(`${size}-${colorScheme}-${name}.png`, OUT).pathname, fullPage });
    await page.goto('/');
    await page.getByText('nightdesk login').waitFor();
    await shot('door');
    await page.goto(mock.link());
    await rows(page).first().waitFor();
    await shot('list');
    const first = row(page, mock.messages[0].id);
    await first.getByRole('button', { name: /abspielen$/ }).click();
    await first.getByRole('slider').fill('14');
    await first.getByText('aufgelegt').waitFor();
    mock.arrive({ at: new Date().toISOString() });
    await page.locator('.waiting').waitFor();
    await row(page, mock.messages.at(-1).id).getByRole('button', { name: /löschen$/ }).click();
    await shot('open', false);
    await shot('open-full');
    await page.getByRole('button', { name: 'Rückgängig' }).click();
    await page.evaluate(() => scrollTo(0, 0));
    await page.getByRole('button', { name: 'Menü' }).click();
    await shot('menu', false);
    mock.messages.shift();
    const kept = mock.messages;
    mock.messages = [];
    await page.reload();
    await page.getByRole('heading', { level: 2 }).waitFor();
    await shot('empty', false);
    mock.messages = kept;
    mock.faults.set('GET /api/v1/messages', 503);
    await page.reload();
    await page.getByRole('alert').waitFor();
    await shot('failed', false);
    mock.faults.clear();
    for (const message of mock.messages.slice(0, 3)) message.state = 'new';
    await page.goto('/prompts');
    const greeting = page.locator('li[data-place="de/greeting"]');
    await greeting.locator('.title').click();
    await greeting.getByRole('button', { name: 'Tippen' }).click();
    await shot('prompts');
    await context.close();
  }
}
await browser.close();
await mock.stop();

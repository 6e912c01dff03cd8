// Every view, both themes, both languages, phone and desk: axe (WCAG 2.2 AA),
// nothing to scroll sideways, targets for thumbs.
import { after, before, test } from 'node:test';
import { assertAccessible, assertFitsThumbs, DESK, launch, PHONE, row, rows, visit } from './harness.mjs';
import { fill, Mock } from './mock.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

for (const colorScheme of ['light', 'dark']) {
  for (const language of ['de', 'en']) {
    for (const [size, viewport] of [['phone', PHONE], ['desk', DESK]]) {
      test(`every view is usable by all: ${size}, ${colorScheme}, ${language}`, async (t) => {
        const mock = await new Mock().start();
        t.after(() => mock.stop());
        fill(mock);
        const { page, done } = await visit(browser, { url: mock.url, viewport, colorScheme, allowed: [/status of (401|503)/] });
        await page.addInitScript((chosen) => localStorage.setItem('nightdesk.language', chosen), language);
        const look = async (where) => {
          await assertAccessible(page, `${where}, ${size}, ${colorScheme}, ${language}`);
          await assertFitsThumbs(page, where);
        };

        await page.goto('/');
        await page.getByRole('heading', { level: 1 }).waitFor();
        await look('without a session');
        await page.goto('/login#used');
        await page.getByRole('heading', { level: 1 }).waitFor();
        await look('a used link');
        await page.goto('/nowhere');
        await page.getByRole('heading', { level: 1 }).waitFor();
        await look('no such page');

        await page.goto(mock.link());
        await rows(page).first().waitFor();
        await look('the list');
        await page.locator('[popovertarget]').click();
        await look('the menu');
        await page.keyboard.press('Escape');
        await row(page, mock.messages[0].id).locator('.title').click();
        await row(page, mock.messages[0].id).locator('ol li').first().waitFor();
        mock.arrive();
        await page.locator('.waiting').waitFor();
        await row(page, mock.messages[2].id).locator('.bin').click();
        await page.locator('.fuse').waitFor();
        // What floats over the list may cut a row that scrolls under it: at its foot nothing is hidden for good.
        await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
        await look('an open message, one waiting, one deleted');
        await page.locator('.bar .icon').click();
        await page.locator('.waiting').click();
        await page.locator('.fuse').waitFor({ state: 'detached' });
        await row(page, mock.messages.find((one) => one.damaged).id).locator('.title').click();
        await look('a damaged message');

        mock.messages = [];
        await page.reload();
        await page.locator('.empty').waitFor();
        await look('an empty list');
        mock.faults.set('GET /api/v1/messages', 503);
        await page.reload();
        await page.getByRole('alert').waitFor();
        await look('a list that does not load');
        await done();
      });
    }
  }
}

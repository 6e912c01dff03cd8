// One browser, fresh pages, and ears for what must never happen: an error in
// the console, a broken policy, a request to somewhere else.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { axeSource, chromium } from './deps.mjs';

export const PHONE = { width: 390, height: 844 };
export const DESK = { width: 1180, height: 860 };

const ARGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--autoplay-policy=no-user-gesture-required', '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
];

export const OUT = new URL('./out/', import.meta.url);

export async function launch() {
  const executablePath = process.env.NIGHTDESK_CHROMIUM ?? '/usr/bin/chromium';
  assert.ok(existsSync(executablePath), `${executablePath} is missing: apt-get install chromium, or set NIGHTDESK_CHROMIUM`);
  mkdirSync(OUT, { recursive: true });
  return chromium.launch({ executablePath, args: ARGS });
}

/**
 * A fresh visitor. `allowed` are console errors that the test provokes (a 401
 * is logged by the browser itself); anything else fails in `done()`.
 */
export async function visit(browser, { url, storageState, viewport = PHONE, colorScheme = 'light', locale = 'de-DE', allowed = [], touch = false }) {
  const context = await browser.newContext({ baseURL: url, storageState, viewport, colorScheme, locale, hasTouch: touch, reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.setDefaultTimeout(8000);
  const faults = [];
  page.on('pageerror', (error) => faults.push(`page error: ${error.message}`));
  page.on('console', (said) => {
    if (said.type() !== 'error' && said.type() !== 'warning') return;
    const text = said.text();
    if (!allowed.some((pattern) => pattern.test(text))) faults.push(`${said.type()}: ${text}`);
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !/^(data|blob):/.test(request.url())) faults.push(`request to ${request.url()}`);
  });
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
  });
  const done = async () => {
    await context.close();
    assert.deepEqual(faults, [], 'the browser complained');
  };
  return { page, context, faults, done };
}

/** WCAG 2.2 A and AA by axe; the message names rule and place. */
export async function assertAccessible(page, where) {
  // Evaluated, not injected: a script tag would rightly be blocked by the policy.
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    }),
  );
  const told = violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(' ')} (${n.failureSummary})`));
  assert.deepEqual(told, [], `axe on ${where}`);
}

/** Nothing to scroll sideways, and every control is big enough for a thumb. */
export async function assertFitsThumbs(page, where, least = 44) {
  const found = await page.evaluate((min) => {
    const root = document.documentElement;
    const small = [...document.querySelectorAll('button, a[href], input, summary')]
      .filter((one) => one.checkVisibility() && !one.closest('.skip') && !one.matches('.skip'))
      .map((one) => {
        // The hit area of a title is drawn by its ::before.
        const before = getComputedStyle(one, '::before');
        const box = one.getBoundingClientRect();
        const height = before.content !== 'none' && before.position === 'absolute' ? Math.max(box.height, parseFloat(before.height)) : box.height;
        return { name: one.getAttribute('aria-label') ?? one.textContent?.trim(), width: box.width, height };
      })
      .filter(({ width, height }) => width < min - 0.5 || height < min - 0.5);
    return { wide: root.scrollWidth - root.clientWidth, small };
  }, least);
  assert.deepEqual(found, { wide: 0, small: [] }, where);
}

export const rows = (page) => page.locator('main li[data-id]');
export const row = (page, id) => page.locator(`main li[data-id="${id}"]`);

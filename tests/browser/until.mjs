import assert from 'node:assert/strict';

/** Waits for what no page event tells. */
export async function until(condition, ms = 5000) {
  const end = Date.now() + ms;
  while (!(await condition())) {
    assert.ok(Date.now() < end, 'it did not happen in time');
    await new Promise((next) => setTimeout(next, 10));
  }
}

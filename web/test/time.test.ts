import { describe, expect, it } from 'vitest';
import { clockLength, dayOf, daysBetween, relativeTime } from '../src/lib/time';

const ZONE = 'Europe/Berlin';

describe('days', () => {
  it('change at the midnight of the business, not of UTC', () => {
    expect(dayOf(Date.parse('2026-11-21T22:59:00Z'), ZONE)).toBe('2026-11-21');
    expect(dayOf(Date.parse('2026-11-21T23:00:00Z'), ZONE)).toBe('2026-11-22');
  });

  it('are counted right over both clock changes', () => {
    const days = (from: string, to: string) => daysBetween(dayOf(Date.parse(from), ZONE), dayOf(Date.parse(to), ZONE));
    expect(days('2026-03-28T23:30:00Z', '2026-03-29T21:30:00Z')).toBe(0);
    expect(days('2026-10-24T20:00:00Z', '2026-10-25T22:30:00Z')).toBe(1);
  });
});

describe('relativeTime', () => {
  const at = Date.parse('2026-11-21T09:00:00Z');
  it('counts minutes, then names the time of day', () => {
    expect(relativeTime(at, at + 5_000, 'de', ZONE)).toBe('jetzt');
    expect(relativeTime(at, at + 5 * 60_000, 'de', ZONE)).toBe('vor 5 Min.');
    expect(relativeTime(at, at + 2 * 3_600_000, 'de', ZONE)).toBe('10:00');
    // A clock that is a little behind the server's never speaks of the future.
    expect(relativeTime(at, at - 90_000, 'en', ZONE)).toBe('now');
  });
});

describe('clockLength', () => {
  it('rounds and never hides a short message', () => {
    expect(clockLength(75.4)).toBe('1:15');
    expect(clockLength(59.6)).toBe('1:00');
    expect(clockLength(0.3, 1)).toBe('0:01');
  });
});

import { describe, expect, it } from 'vitest';
import { clockOf, daysOf, nextOpening, type Stretch } from '../src/lib/week';

const stretch = (from: string, until: string, open: boolean | null): Stretch => ({
  from: `${from}:00+01:00`, until: `${until}:00+01:00`, open, step: 'message.a', why: { de: '', en: '' }, line: 1,
});

const WEEK = [
  stretch('2026-11-20T15:30', '2026-11-20T17:00', true),
  stretch('2026-11-20T17:00', '2026-11-23T08:00', false),
  stretch('2026-11-23T08:00', '2026-11-24T00:00', true),
];

describe('a week', () => {
  it('is cut at midnight, without holes or empty days', () => {
    const days = daysOf(WEEK).map(({ date, parts }) => `${date}: ${parts.map((one) => `${clockOf(one.from)}-${clockOf(one.until)}`).join(' ')}`);
    expect(days).toEqual(['2026-11-20: 15:30-17:00 17:00-24:00', '2026-11-21: 00:00-24:00', '2026-11-22: 00:00-24:00', '2026-11-23: 00:00-08:00 08:00-24:00']);
  });

  it('knows when it opens next, once it has been closed', () => {
    expect(nextOpening(WEEK)).toBe('2026-11-23T08:00:00+01:00');
    expect(nextOpening(WEEK.slice(0, 2))).toBeNull();
    expect(nextOpening([stretch('2026-11-20T15:30', '2026-11-27T00:00', null)])).toBeNull();
  });
});

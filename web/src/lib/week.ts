// A week of stretches by calendar day, on the clock of the line: the server gives local times with their offset.
import type { PlanWeek } from './client';

export type Stretch = PlanWeek['stretches'][number];

export interface DayPart {
  stretch: Stretch;
  /** Minutes of the day. */
  from: number;
  until: number;
}

export interface Day {
  /** 2026-11-23 */
  date: string;
  parts: DayPart[];
}

const DAY_MINUTES = 1440;

export function daysOf(stretches: Stretch[]): Day[] {
  const days: Day[] = [];
  for (const stretch of stretches) {
    const [first, last] = [stretch.from.slice(0, 10), stretch.until.slice(0, 10)];
    for (let date = first; date <= last; date = dayAfter(date)) {
      const from = date === first ? minuteOf(stretch.from) : 0;
      const until = date === last ? minuteOf(stretch.until) : DAY_MINUTES;
      if (until <= from) continue;
      if (days.at(-1)?.date !== date) days.push({ date, parts: [] });
      days.at(-1)?.parts.push({ stretch, from, until });
    }
  }
  return days;
}

/** When it opens next by what is known of the week, after it has been closed; null: not in it. */
export function nextOpening(stretches: Stretch[]): string | null {
  const closed = stretches.findIndex((stretch) => stretch.open === false);
  const opens = closed < 0 ? undefined : stretches.slice(closed).find((stretch) => stretch.open === true);
  return opens?.from ?? null;
}

export function clockOf(minutes: number): string {
  const two = (number: number) => String(number).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

function minuteOf(at: string): number {
  return Number(at.slice(11, 13)) * 60 + Number(at.slice(14, 16));
}

function dayAfter(date: string): string {
  return new Date(Date.parse(`${date}T12:00:00Z`) + DAY_MINUTES * 60_000).toISOString().slice(0, 10);
}

// Times and lengths in words. All take `now` and the zone of the business: an
// owner on holiday still reads the clock of the shop.

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The calendar day in `zone`, as 2026-11-21: comparable and free of clock changes. */
export function dayOf(at: number, zone: string): string {
  return formatter('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(at);
}

/** Whole calendar days between two days given by `dayOf`. */
export function daysBetween(day: string, today: string): number {
  return Math.round((Date.parse(today) - Date.parse(day)) / DAY_MS);
}

/** "vor 5 Min." while that helps, then the time of day: the heading names the day. */
export function relativeTime(at: number, now: number, lang: string, zone: string): string {
  const ago = now - at;
  if (ago >= HOUR_MS) return timeOfDay(at, lang, zone);
  const minutes = Math.max(0, Math.floor(ago / MINUTE_MS));
  const words = new Intl.RelativeTimeFormat(lang, { style: 'short', numeric: 'auto' });
  return minutes === 0 ? words.format(0, 'second') : words.format(-minutes, 'minute');
}

export function timeOfDay(at: number, lang: string, zone: string): string {
  return formatter(lang, { timeZone: zone, hour: '2-digit', minute: '2-digit' }).format(at);
}

export function timeToSecond(at: number, lang: string, zone: string): string {
  return formatter(lang, { timeZone: zone, hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(at);
}

export function exactTime(at: number, lang: string, zone: string): string {
  return formatter(lang, { timeZone: zone, dateStyle: 'full', timeStyle: 'medium' }).format(at);
}

/** "Mittwoch, 18. November", with the year where it is not this one. */
export function dayName(at: number, now: number, lang: string, zone: string): string {
  const year = dayOf(at, zone).slice(0, 4) === dayOf(now, zone).slice(0, 4) ? undefined : 'numeric';
  return formatter(lang, { timeZone: zone, weekday: 'long', day: 'numeric', month: 'long', year }).format(at);
}

/** "Mo., 23. Nov." */
export function dayShort(at: number, lang: string, zone: string): string {
  return formatter(lang, { timeZone: zone, weekday: 'short', day: 'numeric', month: 'short' }).format(at);
}

/** As the input of a date and a time wants it, by the clock in `zone`: 2026-11-23T08:00. */
export function localInput(at: number, zone: string): string {
  return `${dayOf(at, zone)}T${timeOfDay(at, 'en', zone)}`;
}

/** 75.4 s → "1:15". A message is never shown as 0:00. */
export function clockLength(seconds: number, least = 0): string {
  const whole = Math.max(least, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(lang: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = lang + JSON.stringify(options);
  let made = formatters.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat(lang === 'en' ? 'en-GB' : lang, options);
    formatters.set(key, made);
  }
  return made;
}

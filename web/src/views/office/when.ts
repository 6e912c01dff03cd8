// Moments as they are said here: "heute, 20:00", "morgen, 08:00", "Mo., 23. Nov., 08:00".
import { lang, t } from '../../i18n/index.svelte';
import { dayOf, daysBetween, dayShort, timeOfDay } from '../../lib/time';

export function whenName(at: number, now: number, zone: string): string {
  const ahead = -daysBetween(dayOf(at, zone), dayOf(now, zone));
  const time = timeOfDay(at, lang(), zone);
  if (ahead === 0) return t('when-today', { time });
  if (ahead === 1) return t('when-tomorrow', { time });
  return t('when-day', { day: dayShort(at, lang(), zone), time });
}

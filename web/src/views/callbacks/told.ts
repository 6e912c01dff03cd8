// What a row says of a callback: when it is due, who has it, what happened.
import { lang, t } from '../../i18n/index.svelte';
import type { Callback, CallbackDetail, CallbackOutcome, CallbackReach } from '../../lib/client';
import { dayOf, dayShort, timeOfDay } from '../../lib/time';

type Event = CallbackDetail['timeline'][number];
type Leave = NonNullable<Callback['leave']>;

export function when(iso: string, now: number, zone: string): string {
  const at = Date.parse(iso);
  const time = timeOfDay(at, lang(), zone);
  if (dayOf(at, zone) === dayOf(now, zone)) return t('callbacks-today', { time });
  return t('callbacks-other-day', { day: dayShort(at, lang(), zone), time });
}

/** The time of day alone, where it is today. */
export function atClock(iso: string, now: number, zone: string): string {
  const at = Date.parse(iso);
  const time = timeOfDay(at, lang(), zone);
  return dayOf(at, zone) === dayOf(now, zone) ? time : t('callbacks-other-day', { day: dayShort(at, lang(), zone), time });
}

/** As after "since": "20 Minuten". */
export function since(iso: string, now: number): string {
  const minutes = Math.max(1, Math.floor((now - Date.parse(iso)) / 60_000));
  if (minutes < 60) return t('callbacks-minutes', { count: minutes });
  if (minutes < 48 * 60) return t('callbacks-hours', { count: Math.floor(minutes / 60) });
  return t('callbacks-days', { count: Math.floor(minutes / (24 * 60)) });
}

/** When it is due, in words; empty: nothing was promised. */
export function due(callback: Callback, now: number, zone: string): string {
  if (callback.overdue_since) return t('callbacks-overdue', { since: since(callback.overdue_since, now) });
  if (callback.state === 'snoozed' && callback.until) return t('callbacks-snoozed', { when: when(callback.until, now, zone) });
  if (callback.slot) return t('callbacks-slot', { when: when(callback.slot.start, now, zone) });
  if (callback.promised_at) return t('callbacks-promised-by', { when: when(callback.promised_at, now, zone) });
  return '';
}

export function why({ why: code, country }: Leave): string {
  switch (code) {
    case 'foreign':
      return t('callbacks-why-foreign', { country: country ?? '?' });
    case 'premium':
      return t('callbacks-why-premium');
    case 'service':
    case 'free':
      return t('callbacks-why-service');
    case 'personal':
      return t('callbacks-why-personal');
    case 'short':
      return t('callbacks-why-short');
    case 'satellite':
      return t('callbacks-why-satellite');
    case 'invalid':
      return t('callbacks-why-invalid');
    default:
      return t('callbacks-why-other');
  }
}

export const REACHES: CallbackReach[] = ['reached', 'no_answer', 'mailbox', 'busy', 'wrong_number'];
export const OUTCOMES: CallbackOutcome[] = ['solved', 'appointment', 'forwarded', 'cancelled_by_caller', 'no_need', 'spam'];

export function reach(result: string): string {
  switch (result) {
    case 'reached':
      return t('callbacks-reached');
    case 'no_answer':
      return t('callbacks-no-answer');
    case 'mailbox':
      return t('callbacks-mailbox');
    case 'busy':
      return t('callbacks-busy');
    default:
      return t('callbacks-wrong-number');
  }
}

export function outcome(word: string | null): string {
  switch (word) {
    case 'solved':
      return t('callbacks-solved');
    case 'appointment':
      return t('callbacks-appointment');
    case 'forwarded':
      return t('callbacks-forwarded');
    case 'cancelled_by_caller':
      return t('callbacks-cancelled');
    case 'no_need':
      return t('callbacks-no-need');
    case 'spam':
      return t('callbacks-spam');
    default:
      return t('callbacks-given-up');
  }
}

export function by({ kind, name }: Event['by']): string {
  switch (kind) {
    case 'caller':
      return t('callbacks-by-caller');
    case 'console':
      return t('callbacks-by-console');
    case 'clock':
      return t('callbacks-by-clock');
    default:
      return name ?? t('callbacks-by-somebody');
  }
}

const PLAIN: Record<string, () => string> = {
  created: () => t('callback-event-created'),
  call: () => t('callback-event-call'),
  claimed: () => t('callback-event-claimed'),
  released: () => t('callback-event-released'),
  lease_ended: () => t('callback-event-lease-ended'),
  snoozed: () => t('callback-event-snoozed'),
  done: () => t('callback-event-done'),
  given_up: () => t('callback-event-given-up'),
  reopened: () => t('callback-event-reopened'),
  assigned: () => t('callback-event-assigned'),
  urgent: () => t('callback-event-urgent'),
  number: () => t('callback-event-number'),
  allowed: () => t('callback-event-allowed'),
  admitted: () => t('callback-event-admitted'),
  booked: () => t('callback-event-booked'),
  moved: () => t('callback-event-moved'),
  promise_warned: () => t('callback-event-promise-warned'),
  promise_kept: () => t('callback-event-promise-kept'),
  promise_tried: () => t('callback-event-promise-tried'),
  promise_broken: () => t('callback-event-promise-broken'),
  promise_withdrawn: () => t('callback-event-promise-withdrawn'),
  undone: () => t('callback-event-undone'),
};

export function event({ kind, detail }: Event): string {
  const of = (detail ?? {}) as Record<string, unknown>;
  const text = (key: string) => (typeof of[key] === 'string' ? of[key] : '');
  if (kind === 'attempt') return t('callback-event-attempt', { result: reach(text('result')) });
  if (kind === 'note') return t('callback-event-note', { note: text('note') });
  if (kind === 'promise_told') return t('callback-event-promise-told', { words: text('words') });
  return PLAIN[kind]?.() ?? t('callback-event-other', { kind });
}

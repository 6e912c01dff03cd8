// A call's events in words. An event this page does not know yet is shown as it
// came: better a strange word than a gap in the story.
import { t } from '../i18n/index.svelte';
import type { TimelineEvent } from './client';
import { promptName } from './promptName';
import { clockLength } from './time';

type Detail = Record<string, unknown>;

// The names that src/call/timeline.rs writes.
const KINDS: Record<string, (detail: Detail) => string> = {
  incoming: () => t('event-incoming'),
  answered: () => t('event-answered'),
  refused: ({ reason }) => t('event-refused', { reason: text(reason) }),
  played: ({ prompt, complete }) =>
    complete === false ? t('event-played-partly', { prompt: promptName(text(prompt)) }) : t('event-played', { prompt: promptName(text(prompt)) }),
  prompt_missing: ({ prompt }) => t('event-prompt-missing', { prompt: promptName(text(prompt)) }),
  key: ({ key }) => t('event-key', { key: text(key) }),
  recording: () => t('event-recording'),
  recorded: ({ total_ms, end }) => t('event-recorded', { length: length(total_ms), end: named(RECORD_ENDS, end) }),
  saved: ({ duration_ms }) => t('event-saved', { length: length(duration_ms) }),
  missed: () => t('event-missed'),
  urgent: () => t('event-urgent'),
  replayed: () => t('event-replayed'),
  not_kept: () => t('event-not-kept'),
  pin_asked: () => t('event-pin-asked'),
  pin_right: () => t('event-pin-right'),
  pin_wrong: () => t('event-pin-wrong'),
  pin_locked: () => t('event-pin-locked'),
  hours_set: ({ open }) => (open ? t('event-hours-opened') : t('event-hours-closed')),
  hours_lifted: () => t('event-hours-lifted'),
  prompt_kept: ({ prompt }) => t('event-prompt-kept', { prompt: promptName(text(prompt)) }),
  prompt_restored: ({ prompt }) => t('event-prompt-restored', { prompt: promptName(text(prompt)) }),
  not_changed: () => t('event-not-changed'),
  dead: () => t('event-dead'),
  hang_up: ({ cause }) => t('event-hang-up', { cause: named(HANG_UPS, cause) }),
  ended: ({ cause }) => t('event-ended', { cause: named(CALL_ENDS, cause) }),
  left_open: () => t('event-left-open'),
};

/** For who looks after the line; to an owner they are noise. */
const TECHNICAL = new Set(['connected', 'first_packet', 'audio']);

const RECORD_ENDS: Record<string, () => string> = {
  key: () => t('record-end-key'),
  silence: () => t('record-end-silence'),
  max: () => t('record-end-max'),
  stopped: () => t('record-end-stopped'),
};

const HANG_UPS: Record<string, () => string> = {
  done: () => t('hang-up-done'),
  silent: () => t('hang-up-silent'),
  not_kept: () => t('hang-up-not-kept'),
};

const CALL_ENDS: Record<string, () => string> = {
  bye: () => t('call-end-bye'),
  cancelled: () => t('call-end-cancelled'),
  local: () => t('call-end-local'),
  no_ack: () => t('call-end-no-ack'),
  session_expired: () => t('call-end-session-expired'),
  refused: () => t('call-end-refused'),
  transport: () => t('call-end-transport'),
};

/** The events as an owner wants to read them. */
export function worthTelling(events: TimelineEvent[]): TimelineEvent[] {
  return events.filter((event) => !TECHNICAL.has(event.kind));
}

export interface Told {
  text: string;
  known: boolean;
}

export function tell(event: TimelineEvent): Told {
  const words = KINDS[event.kind];
  if (words) return { text: words(detailOf(event.detail)), known: true };
  const rest = Object.entries(detailOf(event.detail)).filter(([name]) => name !== 'kind').map(([name, value]) => `${name} ${text(value)}`);
  return { text: [event.kind, ...rest].join(' · '), known: false };
}

function named(names: Record<string, () => string>, word: unknown): string {
  return names[text(word)]?.() ?? text(word);
}

function detailOf(raw: unknown): Detail {
  if (typeof raw === 'string') {
    try {
      return detailOf(JSON.parse(raw));
    } catch {
      return raw ? { detail: raw } : {};
    }
  }
  return typeof raw === 'object' && raw !== null ? (raw as Detail) : {};
}

function text(value: unknown): string {
  return value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function length(ms: unknown): string {
  return clockLength(Number(ms ?? 0) / 1000);
}

// A call's events in words. An event this page does not know yet is shown as it
// came: better a strange word than a gap in the story.
import { t } from '../i18n/index.svelte';
import type { TimelineEvent } from './client';
import { clockLength } from './time';

type Detail = Record<string, unknown>;

const KINDS: Record<string, (detail: Detail) => string> = {
  incoming: () => t('event-incoming'),
  answered: () => t('event-answered'),
  played: ({ prompt, complete }) =>
    complete === false ? t('event-played-partly', { prompt: text(prompt) }) : t('event-played', { prompt: text(prompt) }),
  key: ({ key }) => t('event-key', { key: text(key) }),
  recording: () => t('event-recording'),
  recorded: ({ total_ms, end }) => t('event-recorded', { length: length(total_ms), end: ending(text(end)) }),
  saved: ({ duration_ms }) => t('event-saved', { length: length(duration_ms) }),
  missed: () => t('event-missed'),
  urgent: () => t('event-urgent'),
  replayed: () => t('event-replayed'),
  not_kept: () => t('event-not-kept'),
  ended: ({ cause }) => t('event-ended', { cause: ending(text(cause)) }),
};

const ENDINGS: Record<string, () => string> = {
  hangup: () => t('end-hangup'),
  caller: () => t('end-hangup'),
  bye: () => t('end-hangup'),
  key: () => t('end-key'),
  silence: () => t('end-silence'),
  max: () => t('end-max'),
  maximum: () => t('end-max'),
  dead: () => t('end-dead'),
  finished: () => t('end-finished'),
  complete: () => t('end-finished'),
};

export interface Told {
  text: string;
  known: boolean;
}

export function tell(event: TimelineEvent): Told {
  const words = KINDS[event.kind];
  if (words) return { text: words(detailOf(event.detail)), known: true };
  const rest = Object.entries(detailOf(event.detail)).map(([name, value]) => `${name} ${text(value)}`);
  return { text: [event.kind, ...rest].join(' · '), known: false };
}

function ending(word: string): string {
  return ENDINGS[word]?.() ?? word;
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

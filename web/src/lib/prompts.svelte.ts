// What callers hear: all prompts, and what an owner makes of them. One is made
// at a time; until the server has it, the old one stays on the screen.
import { announcer } from './announce.svelte';
import { api, ApiError, type Prompt, type PromptVersion } from './client';
import type { Change } from './events.svelte';
import { player } from './player.svelte';
import { promptName } from './promptName';
import { session } from './session.svelte';
import { t, type Lang } from '../i18n/index.svelte';

export const placeOf = (prompt: Prompt): string => `${prompt.language}/${prompt.id}`;

/** The sound that callers hear now, by an address that changes with it. */
export const soundOf = (prompt: Prompt): string => prompt.current?.audio ?? `${prompt.audio}?version=shipped`;

class PromptDesk {
  items = $state.raw<Prompt[]>([]);
  phase = $state<'loading' | 'ready' | 'failed'>('loading');
  failure = $state.raw<ApiError | null>(null);
  language = $state<Lang>('de');
  /** The place that is expanded. */
  open = $state<string | null>(null);
  /** The place that is being made. */
  making = $state<string | null>(null);
  /** What was refused, in words, and at which place. */
  refusal = $state.raw<{ place: string; words: string } | null>(null);
  #generation = 0;

  async load({ quietly = false } = {}): Promise<void> {
    const generation = ++this.#generation;
    if (!quietly) this.phase = 'loading';
    try {
      const { prompts } = await api.prompts();
      if (generation !== this.#generation) return;
      this.items = prompts;
      this.failure = null;
      this.phase = 'ready';
    } catch (error) {
      if (generation === this.#generation) this.#failedToLoad(error, quietly);
    }
  }

  onChange({ noun, id }: Change): void {
    if (noun === 'prompt' && id !== this.making) void this.load({ quietly: true });
  }

  toggle(prompt: Prompt): void {
    const place = placeOf(prompt);
    this.open = this.open === place ? null : place;
    this.refusal = null;
  }

  upload = (prompt: Prompt, file: Blob, transcript: string): Promise<boolean> =>
    this.#make(prompt, () => api.promptUpload(prompt, file, transcript), t('announce-prompt-set', this.#named(prompt)));

  say = (prompt: Prompt, text: string): Promise<boolean> =>
    this.#make(prompt, () => api.promptSay(prompt, text), t('announce-prompt-set', this.#named(prompt)));

  restore = (prompt: Prompt, version: PromptVersion): Promise<boolean> =>
    this.#make(prompt, () => api.promptRestore(prompt, version.id), t('announce-prompt-set', this.#named(prompt)));

  reset = (prompt: Prompt): Promise<boolean> =>
    this.#make(prompt, () => api.promptReset(prompt), t('announce-prompt-reset', this.#named(prompt)));

  async #make(prompt: Prompt, ask: () => Promise<Prompt>, done: string): Promise<boolean> {
    const place = placeOf(prompt);
    this.refusal = null;
    this.making = place;
    player.stop();
    try {
      const made = await ask();
      // An older reading that is still under way must not bring back what was.
      this.#generation++;
      this.items = this.items.map((one) => (placeOf(one) === place ? made : one));
      announcer.say(done);
      return true;
    } catch (error) {
      this.#refused(place, error);
      return false;
    } finally {
      this.making = null;
    }
  }

  #named = (prompt: Prompt) => ({ prompt: promptName(prompt.id) });

  #refused(place: string, error: unknown): void {
    if (!(error instanceof ApiError)) throw error;
    if (error.blame === 'signed-out') return session.lost();
    this.refusal = { place, words: error.blame === 'offline' ? t('refused-offline') : refusalOf(error) };
  }

  #failedToLoad(error: unknown, quietly: boolean): void {
    if (!(error instanceof ApiError)) throw error;
    if (error.blame === 'signed-out') return session.lost();
    if (quietly) return;
    this.failure = error;
    this.phase = 'failed';
  }
}

const REFUSALS: Record<string, () => string> = {
  not_audio: () => t('prompt-refused-not-audio'),
  too_large: () => t('prompt-refused-too-large'),
  too_long: () => t('prompt-refused-too-long'),
  silent: () => t('prompt-refused-silent'),
  overdriven: () => t('prompt-refused-overdriven'),
  too_many_channels: () => t('prompt-refused-form'),
  odd_rate: () => t('prompt-refused-form'),
  no_text: () => t('prompt-refused-no-text'),
  text_too_long: () => t('prompt-refused-text-too-long'),
  too_many_prompts: () => t('prompt-refused-too-much'),
  too_much: () => t('prompt-refused-too-much'),
  busy: () => t('prompt-refused-busy'),
  no_room: () => t('prompt-refused-no-room'),
  only_owner: () => t('prompt-refused-only-owner'),
  not_found: () => t('prompt-refused-gone'),
};

function refusalOf(error: ApiError): string {
  return REFUSALS[error.code]?.() ?? t('refused-server', { code: error.code || String(error.status) });
}

export const prompts = new PromptDesk();

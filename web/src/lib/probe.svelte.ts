// "What would a caller hear at …": the question, and the server's answer.
import { api, type PlanSimulated } from './client';
import { plan } from './plan.svelte';
import { refusalOf } from './refusal';

export type Who = 'mine' | 'withheld' | 'other';

const MINE = 'nightdesk.own-number';
const ASK_MS = 200;
/** As the server takes them. */
export const KEYS_MAX = 200;

class Probe {
  /** By the clock of the line; empty: now. */
  at = $state('');
  who = $state<Who>('mine');
  /** Kept on this device: whoever looks after the line rings from it. */
  mine = $state(localStorage.getItem(MINE) ?? '');
  other = $state('');
  keys = $state('');
  /** The text of the editor, not the plan. */
  draft = $state(false);
  told = $state.raw<PlanSimulated | null>(null);
  /** The text of which its lines are. */
  of = $state.raw<string | null>(null);
  refusal = $state<string | null>(null);
  busy = $state(false);
  #asked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  caller(): string | null {
    const typed = this.who === 'mine' ? this.mine : this.who === 'other' ? this.other : '';
    return typed.trim() || null;
  }

  soon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.ask(), ASK_MS);
  }

  async ask(): Promise<void> {
    const asked = ++this.#asked;
    this.busy = true;
    localStorage.setItem(MINE, this.mine.trim());
    const draft = this.draft && plan.dirty;
    const text = draft ? plan.text : (plan.served?.text ?? null);
    try {
      const told = await api.planSimulate({
        caller: this.caller(),
        at: this.at || null,
        keys: this.keys,
        ...(draft ? { text } : {}),
      });
      if (asked !== this.#asked) return;
      // Where the last text does not count, the lines are of an older one.
      [this.told, this.of, this.refusal] = [told, draft || plan.served?.good ? text : null, null];
    } catch (error) {
      if (asked === this.#asked) [this.told, this.refusal] = [null, refusalOf(error)];
    } finally {
      if (asked === this.#asked) this.busy = false;
    }
  }
}

export const probe = new Probe();

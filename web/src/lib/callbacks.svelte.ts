// The queue: in the order of the server. What comes in while somebody reads waits, so that no row moves under a
// finger; what is done shows when the server has done it.
import { announcer } from './announce.svelte';
import { api, ApiError, type Callback, type CallbackActs, type CallbackDetail } from './client';
import type { Change } from './events.svelte';
import { formatPhone } from './phone';
import { session } from './session.svelte';
import { undo } from './undo.svelte';
import { t } from '../i18n/index.svelte';

export const FILTERS = ['open', 'due', 'overdue', 'urgent', 'mine', 'done'] as const;
export type CallbackFilter = (typeof FILTERS)[number];

const PAGE = 50;
/** A reload after a gap brings back at most this much of what was scrolled through. */
const RELOAD_MAX = 200;
/** Several changes at once are read once. */
const SOON_MS = 200;

export function callbackLabel({ contact, name, number, caller }: Callback): string {
  return contact || name || (number ? formatPhone(number) : caller ? formatPhone(caller) : t('caller-withheld'));
}

class Callbacks {
  items = $state.raw<Callback[]>([]);
  /** Came in while somebody was reading. */
  waiting = $state.raw<string[]>([]);
  counts = $state.raw({ open: 0, overdue: 0 });
  filter = $state<CallbackFilter>('open');
  phase = $state<'loading' | 'ready' | 'failed'>('loading');
  failure = $state.raw<ApiError | null>(null);
  next = $state<string | null>(null);
  /** The expanded row, and all that is known of it. */
  open = $state<string | null>(null);
  detail = $state.raw<CallbackDetail | null>(null);
  refusal = $state<string | null>(null);
  /** What can be taken back, in words. */
  undoable = $state('');
  /** An act is on its way. */
  busy = $state<string | null>(null);
  mustHoldStill: () => boolean = () => false;
  #generation = 0;
  #soon: ReturnType<typeof setTimeout> | undefined;

  async load({ quietly = false } = {}): Promise<void> {
    const generation = ++this.#generation;
    if (!quietly) this.phase = 'loading';
    try {
      const limit = quietly ? Math.min(RELOAD_MAX, Math.max(PAGE, this.items.length)) : PAGE;
      const page = await api.callbacks({ limit, ...this.#query() });
      if (generation !== this.#generation) return;
      this.counts = page.counts;
      this.next = page.next;
      this.#replace(page.callbacks, quietly && this.mustHoldStill());
      this.failure = null;
      this.phase = 'ready';
    } catch (error) {
      if (generation === this.#generation) this.#failed(error, quietly);
    }
  }

  async more(): Promise<void> {
    if (!this.next) return;
    const generation = this.#generation;
    try {
      const page = await api.callbacks({ limit: PAGE, after: this.next, ...this.#query() });
      if (generation !== this.#generation) return;
      this.next = page.next;
      const known = new Set(this.items.map((one) => one.id));
      this.items = [...this.items, ...page.callbacks.filter((one) => !known.has(one.id))];
    } catch (error) {
      this.#explain(error);
    }
  }

  setFilter(filter: CallbackFilter): void {
    this.filter = filter;
    this.close();
    this.waiting = [];
    void this.load();
  }

  onChange({ noun, id }: Change): void {
    if (noun !== 'callback' && noun !== 'contact') return;
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => {
      void this.load({ quietly: true });
      if (this.open && (noun === 'contact' || this.open === id)) void this.#read(this.open);
    }, SOON_MS);
  }

  async showWaiting(): Promise<string | null> {
    const first = this.waiting[0] ?? null;
    this.waiting = [];
    const still = this.mustHoldStill;
    this.mustHoldStill = () => false;
    await this.load({ quietly: true });
    this.mustHoldStill = still;
    return first;
  }

  async expand(id: string): Promise<void> {
    if (this.open === id) return this.close();
    this.open = id;
    this.detail = null;
    await this.#read(id);
  }

  close(): void {
    this.open = null;
    this.detail = null;
  }

  /** Takes the most pressing one; none: nothing is due. */
  async takeNext(): Promise<string | null> {
    try {
      const taken = await api.callbackNext();
      if (!taken) {
        announcer.say(t('callbacks-none-due'));
        this.refusal = t('callbacks-none-due');
        return null;
      }
      if (!this.items.some((one) => one.id === taken.id)) this.items = [taken, ...this.items];
      this.#put(taken);
      announcer.say(t('callbacks-said-claim', { who: callbackLabel(taken) }));
      return taken.id;
    } catch (error) {
      this.#explain(error);
      return null;
    }
  }

  /** Whether it was done; `told`: what can be taken back, in words. */
  async act<A extends keyof CallbackActs>(id: string, act: A, body: CallbackActs[A], told = ''): Promise<boolean> {
    this.busy = id;
    try {
      const now = await api.callbackAct(id, act, body);
      this.#put(now);
      if (this.open === id) void this.#read(id);
      if (told) this.#offerUndo(id, told);
      return true;
    } catch (error) {
      this.#explain(error);
      void this.load({ quietly: true });
      return false;
    } finally {
      this.busy = null;
    }
  }

  leave(): void {
    this.#generation++;
    clearTimeout(this.#soon);
    this.items = [];
    this.waiting = [];
    this.refusal = null;
    this.close();
  }

  #offerUndo(id: string, told: string): void {
    // The server takes back the last thing only: one offer at a time.
    undo.dismiss();
    this.undoable = told;
    undo.offer(async () => {
      await this.act(id, 'undo', {});
      await this.load({ quietly: true });
    });
    announcer.say(told);
  }

  #query() {
    const mine = this.filter === 'mine' || undefined;
    const due = this.filter === 'due' || undefined;
    const overdue = this.filter === 'overdue' || undefined;
    const urgent = this.filter === 'urgent' || undefined;
    return { show: this.filter === 'done' ? ('done' as const) : ('open' as const), mine, due, overdue, urgent };
  }

  /** Held still, rows stay where they are and new ones wait. */
  #replace(fresh: Callback[], hold: boolean): void {
    const now = new Map(fresh.map((one) => [one.id, one]));
    const known = new Set(this.items.map((one) => one.id));
    if (!hold) {
      this.items = fresh;
      this.waiting = [];
      return;
    }
    const stays = (one: Callback) => now.has(one.id) || one.id === this.open;
    this.items = this.items.filter(stays).map((one) => now.get(one.id) ?? one);
    const before = new Set(this.waiting);
    this.waiting = fresh.filter((one) => !known.has(one.id)).map((one) => one.id);
    if (this.waiting.some((id) => !before.has(id))) announcer.say(t('callbacks-waiting', { count: this.waiting.length }));
  }

  #put(callback: Callback): void {
    this.items = this.items.map((one) => (one.id === callback.id ? callback : one));
  }

  async #read(id: string): Promise<void> {
    try {
      const detail = await api.callback(id);
      if (this.open === id) this.detail = detail;
    } catch (error) {
      this.#explain(error);
    }
  }

  #failed(error: unknown, quietly: boolean): void {
    if (!(error instanceof ApiError)) throw error;
    if (error.blame === 'signed-out') return session.lost();
    if (quietly && this.phase === 'ready') return;
    this.failure = error;
    this.phase = 'failed';
  }

  #explain(error: unknown): void {
    if (!(error instanceof ApiError)) throw error;
    if (error.blame === 'signed-out') return session.lost();
    this.refusal = refusalOf(error);
  }
}

function refusalOf(error: ApiError): string {
  if (error.blame === 'offline') return t('refused-offline');
  if (error.blame === 'gone') return t('callbacks-refused-gone');
  switch (error.code) {
    case 'claimed':
      return t('callbacks-refused-claimed');
    case 'personal':
      return t('callbacks-refused-personal');
    case 'needs_leave':
      return t('callbacks-refused-leave');
    case 'over':
    case 'changed':
      return t('callbacks-refused-changed');
    case 'nothing_to_undo':
    case 'seat_gone':
      return t('callbacks-refused-undo');
    case 'bad_request':
      return t('callbacks-refused-input');
    default:
      return t('refused-server', { code: error.code || String(error.status) });
  }
}

export const callbacks = new Callbacks();

// The owner's list: what is loaded, what arrived meanwhile, what was changed
// here before the server agreed. Changes show at once and are taken back where
// the server refuses.
import { announcer } from './announce.svelte';
import { api, ApiError, type Message, type TimelineEvent } from './client';
import { callerLabel } from './caller';
import type { Change } from './events.svelte';
import { player } from './player.svelte';
import { session } from './session.svelte';
import { undo } from './undo.svelte';
import { t } from '../i18n/index.svelte';

export type Filter = 'all' | 'new';

const PAGE = 50;
/** A reload after a gap brings back at most this much of what was scrolled through. */
const RELOAD_MAX = 200;
const COUNT_DELAY_MS = 400;

class MessageList {
  items = $state.raw<Message[]>([]);
  /** Arrived while somebody was reading: shown when asked for. */
  waiting = $state.raw<Message[]>([]);
  counts = $state.raw({ new: 0, total: 0 });
  filter = $state<Filter>('all');
  phase = $state<'loading' | 'ready' | 'failed'>('loading');
  failure = $state.raw<ApiError | null>(null);
  next = $state<string | null>(null);
  loadingMore = $state(false);
  /** The expanded row. */
  open = $state<string | null>(null);
  timelines = $state.raw<Record<string, TimelineEvent[]>>({});
  /** What could not be done, in words, until dismissed. */
  refusal = $state<string | null>(null);
  /** Told by the view: would inserting above move what somebody looks at? */
  mustHoldStill: () => boolean = () => false;
  /** Being deleted or restored by us: news of them in between are no arrivals. */
  #gone = new Set<string>();
  /** Writes on their way; the answer of the last one is the truth, not the events between. */
  #writes = new Map<string, number>();
  #generation = 0;
  #countTimer: ReturnType<typeof setTimeout> | undefined;
  #namesTimer: ReturnType<typeof setTimeout> | undefined;

  /** Reads the list from its top. Quietly: what is shown stays until the answer is there. */
  async load({ quietly = false } = {}): Promise<void> {
    const generation = ++this.#generation;
    if (!quietly) this.phase = 'loading';
    try {
      const limit = quietly ? Math.min(RELOAD_MAX, Math.max(PAGE, this.items.length)) : PAGE;
      const page = await api.messages({ limit, state: this.filter === 'new' ? 'new' : undefined });
      if (generation !== this.#generation) return;
      this.counts = page.counts;
      this.next = page.next;
      this.#replace(page.messages, quietly && this.mustHoldStill());
      this.failure = null;
      this.phase = 'ready';
    } catch (error) {
      if (generation === this.#generation) this.#failedToLoad(error, quietly);
    }
  }

  async more(): Promise<void> {
    if (!this.next || this.loadingMore) return;
    const generation = this.#generation;
    this.loadingMore = true;
    try {
      const state = this.filter === 'new' ? 'new' : undefined;
      const page = await api.messages({ limit: PAGE, before: this.next, state });
      if (generation !== this.#generation) return;
      this.next = page.next;
      this.items = page.messages.reduce(insert, this.items);
    } catch (error) {
      this.#explain(error);
    } finally {
      this.loadingMore = false;
    }
  }

  setFilter(filter: Filter): void {
    if (filter === this.filter) return;
    this.filter = filter;
    this.open = null;
    this.waiting = [];
    void this.load();
  }

  showWaiting(): string | null {
    const first = this.waiting[0]?.id ?? null;
    this.items = this.waiting.reduce(insert, this.items);
    this.waiting = [];
    return first;
  }

  async onChange({ noun, id, kind }: Change): Promise<void> {
    if (noun === 'contact') this.#namesSoon();
    if (noun !== 'message' || this.#gone.has(id)) return;
    if (kind === 'deleted') {
      this.#drop(id);
    } else {
      if (this.#writes.has(id)) return;
      await this.#read(id);
    }
    this.#countSoon();
  }

  async expand(id: string): Promise<void> {
    this.open = this.open === id ? null : id;
    if (this.open === id) await this.#read(id);
  }

  async setHeard(id: string, heard: boolean): Promise<void> {
    const before = this.#find(id);
    const state = heard ? 'heard' : 'new';
    if (!before || before.state === state) return;
    this.#put({ ...before, state });
    this.#count(heard ? -1 : 1, 0);
    await this.#write(id, () => api.change(id, { heard }), before);
  }

  remove(id: string): void {
    const message = this.#find(id);
    if (!message) return;
    player.stop(id);
    this.#gone.add(id);
    this.#drop(id);
    this.#count(message.state === 'new' ? -1 : 0, -1);
    const deleted = this.#delete(message);
    undo.offer(async () => {
      if (!(await deleted)) return;
      this.#gone.add(id);
      try {
        this.#comeBack(await api.restore(id));
      } catch (error) {
        this.#explain(error);
      } finally {
        this.#gone.delete(id);
      }
    });
    announcer.say(t('announce-deleted', { who: callerLabel(message) }));
  }

  /** Whether the server did it; where it refused, the row is back. */
  async #delete(message: Message): Promise<boolean> {
    try {
      await api.remove(message.id);
    } catch (error) {
      if (!(error instanceof ApiError && error.blame === 'gone')) {
        this.#comeBack(message);
        this.#explain(error);
        return false;
      }
    } finally {
      this.#gone.delete(message.id);
    }
    return true;
  }

  /** Signed out: nothing of it stays behind for the next person on this device. */
  leave(): void {
    this.#generation++;
    clearTimeout(this.#countTimer);
    this.items = [];
    this.waiting = [];
    this.counts = { new: 0, total: 0 };
    this.filter = 'all';
    this.open = null;
    this.timelines = {};
    this.refusal = null;
    this.#gone.clear();
  }

  #comeBack(message: Message): void {
    this.waiting = this.waiting.filter((m) => m.id !== message.id);
    this.items = insert(this.items, message);
    this.#count(message.state === 'new' ? 1 : 0, 1);
    announcer.say(t('announce-restored', { who: callerLabel(message) }));
  }

  async #write(id: string, write: () => Promise<Message>, before: Message): Promise<void> {
    this.#writes.set(id, (this.#writes.get(id) ?? 0) + 1);
    try {
      const now = await write();
      if (this.#writes.get(id) === 1) this.#put(now);
    } catch (error) {
      this.#put(before);
      this.#countSoon();
      this.#explain(error);
    } finally {
      const left = (this.#writes.get(id) ?? 1) - 1;
      if (left > 0) this.#writes.set(id, left);
      else this.#writes.delete(id);
    }
  }

  async #read(id: string): Promise<void> {
    try {
      const { timeline, ...message } = await api.message(id);
      if (this.#gone.has(id)) return;
      this.timelines = { ...this.timelines, [id]: timeline };
      if (this.#writes.has(id)) return;
      if (this.#find(id)) this.#put(message);
      else this.#arrive(message);
    } catch (error) {
      if (error instanceof ApiError && error.blame === 'gone') this.#drop(id);
      else this.#explain(error);
    }
  }

  #arrive(message: Message): void {
    const last = this.items.at(-1);
    // Older than what is loaded: it will come with "more".
    if (this.next && last && compare(last, message) < 0) return;
    if (this.filter === 'new' && message.state !== 'new') return;
    if (this.mustHoldStill()) this.waiting = insert(this.waiting, message);
    else this.items = insert(this.items, message);
    announcer.say(t('announce-new', { who: callerLabel(message) }));
  }

  #replace(fresh: Message[], hold: boolean): void {
    const kept = fresh.filter((message) => !this.#gone.has(message.id));
    const known = new Set(this.items.map((message) => message.id));
    const top = this.items[0];
    // New ones above the reader wait; all else is put in its place.
    const waits = (m: Message) => hold && !!top && !known.has(m.id) && compare(m, top) < 0;
    this.waiting = kept.filter(waits);
    this.items = kept.filter((message) => !waits(message));
    if (player.current && !kept.some((message) => message.id === player.current) && !this.next) player.stop();
  }

  #find(id: string): Message | undefined {
    return this.items.find((m) => m.id === id) ?? this.waiting.find((m) => m.id === id);
  }

  #put(message: Message): void {
    const swap = (m: Message) => (m.id === message.id ? message : m);
    this.items = this.items.map(swap);
    this.waiting = this.waiting.map(swap);
  }

  #drop(id: string): void {
    player.stop(id);
    if (this.open === id) this.open = null;
    this.items = this.items.filter((m) => m.id !== id);
    this.waiting = this.waiting.filter((m) => m.id !== id);
  }

  #count(fresh: number, total: number): void {
    this.counts = { new: Math.max(0, this.counts.new + fresh), total: Math.max(0, this.counts.total + total) };
  }

  /** Another's change may touch messages that are not loaded: the server counts. */
  /** Names of callers are others now: read once, however many contacts a file brought. */
  #namesSoon(): void {
    clearTimeout(this.#namesTimer);
    this.#namesTimer = setTimeout(() => void this.load({ quietly: true }), COUNT_DELAY_MS);
  }

  #countSoon(): void {
    clearTimeout(this.#countTimer);
    this.#countTimer = setTimeout(async () => {
      try {
        this.counts = (await api.messages({ limit: 1 })).counts;
      } catch {
        // The next change or reload counts again; a number is not worth an alarm.
      }
    }, COUNT_DELAY_MS);
  }

  #failedToLoad(error: unknown, quietly: boolean): void {
    if (!(error instanceof ApiError)) throw error;
    if (error.blame === 'signed-out') return session.lost();
    // What is on the screen is better than an empty page; the line's state is shown anyway.
    if (quietly && this.phase === 'ready') return;
    this.failure = error;
    this.phase = 'failed';
  }

  #explain(error: unknown): void {
    if (!(error instanceof ApiError)) throw error;
    if (error.blame === 'signed-out') return session.lost();
    if (error.blame === 'offline') this.refusal = t('refused-offline');
    else if (error.blame === 'gone') this.refusal = t('refused-gone');
    else this.refusal = t('refused-server', { code: error.code || String(error.status) });
  }
}

/** Newest first; ids (UUIDv7) decide between equal times. */
function compare(a: Message, b: Message): number {
  return Date.parse(b.at) - Date.parse(a.at) || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
}

function insert(list: Message[], message: Message): Message[] {
  const others = list.filter((m) => m.id !== message.id);
  const at = others.findIndex((m) => compare(message, m) < 0);
  return at < 0 ? [...others, message] : others.toSpliced(at, 0, message);
}

export const messages = new MessageList();
player.onstart = (id) => void messages.setHeard(id, true);

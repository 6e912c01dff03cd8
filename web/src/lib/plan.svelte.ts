// The plan: the server's text, the text that is being written, and how the one becomes the other.
import { t } from '../i18n/index.svelte';
import { announcer } from './announce.svelte';
import { api, ApiError, type Finding, type Plan, type RevisionEntry } from './client';
import { refusalOf } from './refusal';

/** After the last key, until the text is checked. */
const CHECK_MS = 450;

class PlanDesk {
  phase = $state<'loading' | 'ready' | 'failed'>('loading');
  /** What is the plan, as far as is known here. */
  served = $state.raw<Plan | null>(null);
  /** What is being written. */
  text = $state('');
  /** What it was made from: its revision and text. */
  base = $state.raw<{ revision: number; text: string }>({ revision: 0, text: '' });
  findings = $state.raw<Finding[]>([]);
  good = $state(true);
  checking = $state(false);
  busy = $state(false);
  note = $state('');
  refusal = $state<string | null>(null);
  failure = $state.raw<ApiError | null>(null);
  history = $state.raw<RevisionEntry[]>([]);
  /** The next page of the history; null: all is there. */
  before = $state<number | null>(null);
  /** A line to be shown, from 1; counted so that the same one can be wanted twice. */
  wanted = $state.raw<{ line: number; times: number }>({ line: 0, times: 0 });
  readonly dirty = $derived(this.text !== this.base.text);
  /** Somebody else's revision came while this text was being written. */
  readonly overtaken = $derived(this.dirty && this.served !== null && (this.served.revision ?? 0) !== this.base.revision);
  #person = '';
  #generation = 0;
  #checks = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  async load({ quietly = false } = {}): Promise<void> {
    const generation = ++this.#generation;
    if (!quietly) this.phase = 'loading';
    try {
      const served = await api.plan();
      if (generation !== this.#generation) return;
      this.#serve(served);
      this.failure = null;
      this.phase = 'ready';
      if (served.revision !== null) await this.#firstPage();
    } catch (error) {
      if (generation !== this.#generation || refusalOf(error) === null || quietly) return;
      this.failure = error as ApiError;
      this.phase = 'failed';
    }
  }

  /** A new answer of the server: it never touches a text that is being written. */
  #serve(served: Plan): void {
    const writing = this.dirty;
    this.served = served;
    if (!writing) this.#begin(served);
  }

  #begin(served: Plan): void {
    this.base = { revision: served.revision ?? 0, text: served.text };
    this.text = served.text;
    this.#found(served.good, served.findings);
  }

  /** The text has changed. */
  typed(): void {
    clearTimeout(this.#timer);
    this.checking = true;
    this.#timer = setTimeout(() => void this.check(), CHECK_MS);
  }

  async check(): Promise<void> {
    const check = ++this.#checks;
    this.checking = true;
    try {
      const { good, findings } = await api.planCheck(this.text);
      if (check === this.#checks) this.#found(good, findings);
    } catch (error) {
      if (check === this.#checks) this.refusal = refusalOf(error);
    } finally {
      if (check === this.#checks) this.checking = false;
    }
  }

  #found(good: boolean, findings: Finding[]): void {
    clearTimeout(this.#timer);
    [this.good, this.findings, this.checking] = [good, findings, false];
    this.#checks++;
  }

  discard(): void {
    if (this.served) this.#begin(this.served);
    this.refusal = null;
  }

  /** Goes on with this text, on top of what somebody else made. */
  rebase(): void {
    if (this.served) this.base = { revision: this.served.revision ?? 0, text: this.served.text };
  }

  async save(): Promise<boolean> {
    const text = this.text;
    return this.#act(async () => {
      const served = await api.planPut(text, this.base.revision, this.note.trim());
      this.note = '';
      this.#take(served, text);
      announcer.say(t('plan-saved', { revision: served.revision ?? 0 }));
    });
  }

  /** An older text becomes the plan again; one that is being written stays. */
  rollback(revision: number): Promise<boolean> {
    return this.#act(async () => {
      const served = await api.planRollback(revision, this.served?.revision ?? 0);
      this.#take(served, this.base.text);
      announcer.say(t('plan-rolled-back', { revision }));
    });
  }

  /** The plan is another one by our own doing. What was typed since `sent` stays. */
  #take(served: Plan, sent: string): void {
    this.#generation++;
    this.served = served;
    if (this.text === sent) this.#begin(served);
    else if (sent === served.text) this.base = { revision: served.revision ?? 0, text: sent };
  }

  async #act(act: () => Promise<void>): Promise<boolean> {
    this.refusal = null;
    this.busy = true;
    try {
      await act();
      await this.#firstPage();
      return true;
    } catch (error) {
      await this.#refused(error);
      return false;
    } finally {
      this.busy = false;
    }
  }

  async #refused(error: unknown): Promise<void> {
    this.refusal = refusalOf(error, { plan_changed: () => t('plan-changed') });
    const { code, findings } = error as ApiError;
    if (code === 'plan_not_good' && findings.length > 0) this.#found(false, findings);
    if (code === 'plan_changed') await this.load({ quietly: true });
  }

  async #firstPage(): Promise<void> {
    const { revisions, next } = await api.revisions();
    [this.history, this.before] = [revisions, next];
  }

  async more(): Promise<void> {
    if (this.before === null) return;
    try {
      const { revisions, next } = await api.revisions(this.before);
      [this.history, this.before] = [[...this.history, ...revisions], next];
    } catch (error) {
      this.refusal = refusalOf(error);
    }
  }

  show(line: number): void {
    this.wanted = { line, times: this.wanted.times + 1 };
  }

  /** Who sits here. Another person starts with nothing of the one before. */
  enter(person: string): void {
    if (person === this.#person) return;
    this.#person = person;
    this.#found(true, []);
    this.served = null;
    this.base = { revision: 0, text: '' };
    [this.text, this.note, this.refusal, this.history, this.before] = ['', '', null, [], null];
  }
}

export const plan = new PlanDesk();

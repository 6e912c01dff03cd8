// The live line: one EventSource that comes back by itself. Whoever listens is
// told of single changes, and of "everything may have changed" after a gap.

import type { components } from './api';

export type Change = components['schemas']['Change'];

interface Listener {
  change(change: Change): void;
  /** Events may have been missed: read everything again. */
  resync(): void;
}

const RETRY_FIRST_MS = 1_000;
const RETRY_MAX_MS = 30_000;
/** A short gap (a restart, a lift) is not worth a word. */
const QUIET_MS = 2_500;
/** A phone that slept longer than this may hold a dead line that still looks open. */
const SLEEP_MS = 60_000;

export class LiveLine {
  /** False once the line has been down long enough that a person should know. */
  up = $state(true);
  #source: EventSource | null = null;
  #listener: Listener;
  #opened = false;
  #retryMs = RETRY_FIRST_MS;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #quietTimer: ReturnType<typeof setTimeout> | undefined;
  #hiddenAt = 0;

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  start(): void {
    document.addEventListener('visibilitychange', this.#seen);
    addEventListener('online', this.reconnect);
    this.#connect();
  }

  stop(): void {
    document.removeEventListener('visibilitychange', this.#seen);
    removeEventListener('online', this.reconnect);
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#quietTimer);
    this.#source?.close();
    this.#source = null;
    this.#opened = false;
    this.up = true;
  }

  reconnect = (): void => {
    this.#retryMs = RETRY_FIRST_MS;
    this.#connect();
  };

  #connect(): void {
    clearTimeout(this.#retryTimer);
    this.#source?.close();
    const source = new EventSource('/api/v1/events');
    this.#source = source;
    source.addEventListener('open', () => {
      clearTimeout(this.#quietTimer);
      this.#quietTimer = undefined;
      this.up = true;
      this.#retryMs = RETRY_FIRST_MS;
      // The first opening follows the first load; every other one follows a gap.
      if (this.#opened) this.#listener.resync();
      this.#opened = true;
    });
    source.addEventListener('error', () => this.#broken(source));
    source.addEventListener('resync', () => this.#listener.resync());
    source.addEventListener('change', (event) => {
      const change = readChange(event.data);
      if (change) this.#listener.change(change);
    });
  }

  #broken(source: EventSource): void {
    if (source !== this.#source) return;
    this.#quietTimer ??= setTimeout(() => (this.up = false), QUIET_MS);
    // While CONNECTING the browser retries by itself; CLOSED is final (an HTTP error).
    if (source.readyState !== EventSource.CLOSED) return;
    this.#retryTimer = setTimeout(() => this.#connect(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MAX_MS);
    // It may be the session that ended: reading again finds out.
    this.#listener.resync();
  }

  #seen = (): void => {
    if (document.hidden) {
      this.#hiddenAt = Date.now();
    } else if (!this.up || (this.#hiddenAt && Date.now() - this.#hiddenAt > SLEEP_MS)) {
      this.reconnect();
    }
  };
}

function readChange(data: string): Change | null {
  try {
    const { noun, id, kind } = JSON.parse(data) as Partial<Change>;
    return noun && id !== undefined && kind ? { noun, id, kind } : null;
  } catch {
    return null;
  }
}

// Who is signed in. The cookie is HttpOnly: the page only knows what the server tells it.
import { api, ApiError, type Session } from './client';
import { suggestLanguage } from '../i18n/index.svelte';
import { router, takeLoginToken } from './router.svelte';

/** `used`: the link of this visit was refused. `failed`: nobody could be asked. */
export type Presence = 'asking' | 'in' | 'out' | 'used' | 'failed';

class SessionState {
  presence = $state<Presence>('asking');
  who = $state.raw<Session | null>(null);
  failure = $state.raw<ApiError | null>(null);
  #token: string | null = takeLoginToken();

  constructor() {
    // A second link pasted into the same tab changes only the fragment: no page load tells us.
    addEventListener('hashchange', () => {
      const token = takeLoginToken();
      if (!token) return;
      this.#token = token;
      void this.open();
    });
  }

  async open(): Promise<void> {
    this.presence = 'asking';
    this.failure = null;
    try {
      this.#enter(this.#token ? await api.signIn(this.#token) : await api.session());
    } catch (error) {
      await this.#refused(error);
    }
  }

  async signOut(): Promise<void> {
    await api.signOut();
    this.lost();
  }

  /** The server no longer knows us. */
  lost(): void {
    this.who = null;
    this.presence = 'out';
  }

  #enter(who: Session): void {
    this.#token = null;
    this.who = who;
    suggestLanguage(who.person.language || who.tenant.language);
    if (router.route === 'login') router.replace('/');
    this.presence = 'in';
  }

  async #refused(error: unknown): Promise<void> {
    if (!(error instanceof ApiError)) throw error;
    if (error.blame !== 'signed-out') {
      // Nobody has judged the token yet: it is kept, trying again may work.
      this.failure = error;
      this.presence = 'failed';
      return;
    }
    const hadToken = this.#token !== null;
    this.#token = null;
    if (!hadToken) return this.lost();
    // A link opened twice on the same device: whoever is signed in already just goes on.
    try {
      this.#enter(await api.session());
    } catch {
      this.presence = 'used';
    }
  }
}

export const session = new SessionState();

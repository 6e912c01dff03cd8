// Open or closed, what was set by hand, and the week.
import { t } from '../i18n/index.svelte';
import { announcer } from './announce.svelte';
import { api, ApiError, type NewOverride, type Opening, type PlanWeek } from './client';
import { refusalOf } from './refusal';

/** Whom the week is told for: somebody whom no rule knows. A number for films that nobody has. */
const ANYBODY = '+493023125042';

class OpeningDesk {
  phase = $state<'loading' | 'ready' | 'failed'>('loading');
  now = $state.raw<Opening | null>(null);
  week = $state.raw<PlanWeek | null>(null);
  failure = $state.raw<ApiError | null>(null);
  refusal = $state<string | null>(null);
  busy = $state(false);
  #generation = 0;

  async load({ quietly = false } = {}): Promise<void> {
    const generation = ++this.#generation;
    if (!quietly) this.phase = 'loading';
    try {
      const [now, week] = await Promise.all([api.opening(), api.planWeek({ caller: ANYBODY })]);
      if (generation !== this.#generation) return;
      [this.now, this.week, this.failure, this.phase] = [now, week, null, 'ready'];
    } catch (error) {
      if (generation !== this.#generation || refusalOf(error) === null || quietly) return;
      this.failure = error as ApiError;
      this.phase = 'failed';
    }
  }

  /** Whether it was done. */
  async set(wanted: NewOverride, told: (until: string) => string): Promise<boolean> {
    return this.#act(async () => {
      const made = await api.overrideSet(wanted);
      announcer.say(told(made.until));
    });
  }

  lift(id: string): Promise<boolean> {
    return this.#act(async () => {
      try {
        await api.overrideLift(id);
      } catch (error) {
        // Somebody else lifted it, or it has ended: it is as was wanted.
        if (!(error instanceof ApiError && error.blame === 'gone')) throw error;
      }
      announcer.say(t('opening-lifted'));
    });
  }

  async #act(act: () => Promise<void>): Promise<boolean> {
    this.refusal = null;
    this.busy = true;
    try {
      await act();
      await this.load({ quietly: true });
      return true;
    } catch (error) {
      this.refusal = refusalOf(error, { bad_request: () => t('opening-bad-time') });
      return false;
    } finally {
      this.busy = false;
    }
  }
}

export const opening = new OpeningDesk();

// What was refused, in words, for the office.
import { t } from '../i18n/index.svelte';
import { ApiError } from './client';
import { session } from './session.svelte';

const REFUSALS: Record<string, () => string> = {
  only_owner: () => t('office-only-owner'),
  plan_in_files: () => t('office-in-files'),
  plan_not_good: () => t('plan-not-good'),
  too_many_overrides: () => t('opening-too-many'),
};

/** Null: nobody is signed in any more, and the page says so by itself. */
export function refusalOf(error: unknown, own: Record<string, () => string> = {}): string | null {
  if (!(error instanceof ApiError)) throw error;
  if (error.blame === 'signed-out') {
    session.lost();
    return null;
  }
  if (error.blame === 'offline') return t('refused-offline');
  const words = own[error.code] ?? REFUSALS[error.code];
  return words?.() ?? t('refused-server', { code: error.code || String(error.status) });
}

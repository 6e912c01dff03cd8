// What people call the prompts that ship.
import { t } from '../i18n/index.svelte';

/** The prompts of the shipped message step; an owner's own are named by their owner. */
const PROMPTS: Record<string, () => string> = {
  greeting: () => t('prompt-greeting'),
  beep: () => t('prompt-beep'),
  'record-warning': () => t('prompt-record-warning'),
  saved: () => t('prompt-saved'),
  'review-menu': () => t('prompt-review-menu'),
  'marked-urgent': () => t('prompt-marked-urgent'),
  'kept-so-far': () => t('prompt-kept-so-far'),
  'nothing-heard': () => t('prompt-nothing-heard'),
  goodbye: () => t('prompt-goodbye'),
  'leave-message': () => t('prompt-leave-message'),
  'error-invalid': () => t('prompt-error-invalid'),
  'record-again': () => t('prompt-record-again'),
  'record-more': () => t('prompt-record-more'),
  'not-kept': () => t('prompt-not-kept'),
  'not-kept-withheld': () => t('prompt-not-kept-withheld'),
  'already-urgent': () => t('prompt-already-urgent'),
  'no-service': () => t('prompt-no-service'),
};

export function promptName(id: string): string {
  return Object.hasOwn(PROMPTS, id) ? (PROMPTS[id]?.() ?? id) : id;
}

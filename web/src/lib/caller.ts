// How a caller is called: by name, else number, else in words.
import { t } from '../i18n/index.svelte';
import type { Message } from './client';
import { formatPhone } from './phone';

export function callerNumber(message: Message): string {
  return message.caller ? formatPhone(message.caller) : t('caller-withheld');
}

export function callerLabel(message: Message): string {
  return message.caller_name.trim() || callerNumber(message);
}

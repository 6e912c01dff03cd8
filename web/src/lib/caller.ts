// How a caller is called: as the business knows them, else by the name that came with the call (which
// anybody can set), else number, else in words.
import { t } from '../i18n/index.svelte';
import type { Message } from './client';
import { formatPhone } from './phone';

export function callerNumber(message: Message): string {
  return message.caller ? formatPhone(message.caller) : t('caller-withheld');
}

export function callerName(message: Message): string {
  return message.contact ?? message.caller_name.trim();
}

export function callerLabel(message: Message): string {
  return callerName(message) || callerNumber(message);
}

// What the server says in both languages, as a sentence begins.
import { lang } from '../../i18n/index.svelte';

export function sentence(text: { de: string; en: string }): string {
  const words = text[lang()];
  return words.charAt(0).toUpperCase() + words.slice(1);
}

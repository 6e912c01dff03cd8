// Words. One set of .ftl files per language; a component calls t('key') and is
// drawn again when the language changes. test/i18n.test.ts holds the files together.
import { FluentBundle, FluentResource, type FluentVariable } from '@fluent/bundle';
import de from './de.ftl?raw';
import en from './en.ftl?raw';

export type Lang = 'de' | 'en';
export const LANGUAGES: readonly Lang[] = ['de', 'en'];

const KEY = 'nightdesk.language';
const bundles: Record<Lang, FluentBundle> = { de: bundle('de', de), en: bundle('en', en) };

class Language {
  current = $state<Lang>(known(localStorage.getItem(KEY)) ?? known(navigator.language) ?? 'de');
}

const language = new Language();

export function lang(): Lang {
  return language.current;
}

/** The person's own choice; it outlives the session. */
export function chooseLanguage(next: Lang): void {
  localStorage.setItem(KEY, next);
  language.current = next;
}

/** What the account says; a choice made on this device is stronger. */
export function suggestLanguage(next: string): void {
  if (!known(localStorage.getItem(KEY))) language.current = known(next) ?? language.current;
}

export function t(key: string, args?: Record<string, FluentVariable>): string {
  const words = bundles[language.current];
  const message = words.getMessage(key);
  return message?.value ? words.formatPattern(message.value, args) : key;
}

/** Words of a part that is loaded later: its two files, before anything of it is drawn. */
export function addWords(later: Record<Lang, string>): void {
  for (const one of LANGUAGES) bundles[one].addResource(new FluentResource(later[one]));
}

function known(tag: string | null): Lang | null {
  return LANGUAGES.find((one) => tag?.toLowerCase().startsWith(one)) ?? null;
}

function bundle(tag: Lang, source: string): FluentBundle {
  // Isolation marks would end up in titles and labels; names are drawn in <bdi>.
  const made = new FluentBundle(tag, { useIsolating: false });
  made.addResource(new FluentResource(source));
  return made;
}

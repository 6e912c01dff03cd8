// The words of the queue come with it, not with the first load.
import de from '../../i18n/callbacks.de.ftl?raw';
import en from '../../i18n/callbacks.en.ftl?raw';
import { addWords } from '../../i18n/index.svelte';

addWords({ de, en });

// The words of the office come with it, not with the first load.
import de from '../../i18n/office.de.ftl?raw';
import en from '../../i18n/office.en.ftl?raw';
import { addWords } from '../../i18n/index.svelte';

addWords({ de, en });

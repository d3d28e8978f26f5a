/** The editor's words in the page's language. */

import { TrajectoryError } from '../../core/errors.js';
import { MESSAGES, filledIn } from '../../core/messages.js';
import { EN } from './en.js';
import { ZH } from './zh.js';
import { ZH_MESSAGES } from './zh_messages.js';

/** @typedef {keyof typeof EN} StringId */

/** A language that the editor has words in. @typedef {'en' | 'zh'} Locale */

/**
 * @callback Translate
 * @param {StringId} id
 * @param {Record<string, string | number>} [values] for the names in braces
 * @returns {string}
 */

const STRINGS = Object.freeze({ en: EN, zh: ZH });
/** What fetch says in Chromium, Firefox and Safari where no server answers. */
const UNREACHED = /failed to fetch|networkerror|load failed/i;
const ERRORS = Object.freeze({ en: MESSAGES, zh: ZH_MESSAGES });

/**
 * @param {string} [language] such as "en" or "zh-TW"
 * @returns {Locale} English for every language that the editor does not have
 */
export const localeOf = (language = 'en') => (/^zh/i.test(language) ? 'zh' : 'en');

/**
 * @param {Locale} locale
 * @returns {Translate}
 */
export function translator(locale) {
  return (id, values = {}) => filledIn(STRINGS[locale][id], values);
}

/**
 * What an error says to the person. What the server says is in English only, and is quoted as that elsewhere.
 * @param {unknown} error
 * @param {Locale} locale
 * @returns {string}
 */
export function errorText(error, locale) {
  if (error instanceof TrajectoryError) return filledIn(ERRORS[locale][error.id], error.values);
  const t = translator(locale);
  if (error instanceof TypeError && UNREACHED.test(error.message)) return t('noAnswer');
  return t('serverSays', { text: error instanceof Error ? error.message : String(error) });
}

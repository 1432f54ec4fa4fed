import { createTranslate } from '../../shared/words/translator.ts';
import { currentLanguage } from '../language.ts';
import { en } from './en.ts';
import { fr } from './fr.ts';

/** What a host says, in the language of its terminal. */
export const say = createTranslate({ en, fr }, currentLanguage);

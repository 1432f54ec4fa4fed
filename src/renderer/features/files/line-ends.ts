/** All lines end in CRLF: they are kept so. Mixed ones are kept as they are, with the CR shown as a character. */
export const hasCrlf = (text: string): boolean => /\r\n/.test(text) && !/[^\r]\n|^\n|\r[^\n]|\r$/.test(text);

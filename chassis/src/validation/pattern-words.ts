const ID = /^\^([a-z]+)_\[0-7\]\[0-9a-hjkmnp-tv-z\]\{25\}\$$/;

/** What a text has that matches a pattern of a contract; it ends the sentence "must …". */
const WORDS: Readonly<Record<string, string>> = {
  '^[^\\x00-\\x1f\\x7f-\\x9f]*$': 'have no control characters',
  '^[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f]*$': 'have no control characters but tabs and line breaks',
  '^[^\\x00-\\x1f\\x7f-\\x9f,]*$': 'have no comma and no control characters',
  '^[^\\x00-\\x1f\\x7f-\\x9f=]*$': 'have no = and no control characters',
  '^[^=]+=.+$': 'be a name and a value with = between them, such as material=cotton',
  '^[!-~]*$': 'have no spaces and only printable ASCII characters',
  '^[!-~]+$': 'have no spaces and only printable ASCII characters',
  '^[!-~]+( [!-~]+)*$': 'have only printable ASCII characters, with single spaces inside',
  '^[0-9]*$': 'have only digits',
  '^[A-Z]{3}$': 'be a currency code of three capital letters, such as EUR',
  '^[A-Z]{2}$': 'be a country code of two capital letters, such as DE',
  '^[a-z]{1,32}$': 'have 1 to 32 lower-case letters and nothing else',
  '^[a-z0-9][a-z0-9_-]*$': 'have only lower-case letters, digits, - and _, and start with a letter or digit',
  '^[a-z0-9]+(-[a-z0-9]+)*$': 'have only lower-case letters and digits, with single hyphens inside',
  '^\\+[1-9][0-9]{6,14}$': 'be a phone number of E.164, such as +493012345678',
  '^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$': 'be a language tag of BCP 47, such as de-CH',
  '^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$': 'be a time zone of the IANA database, such as Europe/Berlin',
};

/**
 * What a pattern asks for, in words that end the sentence "must …". Ids are named by their field.
 * @param fieldName in proto spelling: `product_ids`.
 */
export function patternWords(pattern: string, fieldName: string): string {
  const prefix = ID.exec(pattern)?.[1];
  if (prefix === undefined) return WORDS[pattern] ?? `match the pattern ${pattern}`;
  const noun = fieldName.replace(/_ids$/, '_id').replaceAll('_', ' ');
  const name = noun.endsWith('id') ? noun : 'id';
  return `be ${/^[aeio]/.test(name) ? 'an' : 'a'} ${name}, such as ${prefix}_…`;
}

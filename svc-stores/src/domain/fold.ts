/** Letters that have no decomposition, and what they are looked for as where marks do not count. */
const PLAIN: ReadonlyMap<string, string> = new Map(
  Object.entries({ ł: 'l', ø: 'o', œ: 'oe', æ: 'ae', đ: 'd', ħ: 'h', ŧ: 't', ð: 'd', þ: 'th', ĸ: 'k', ŋ: 'n', ə: 'e' }),
);
const PLAIN_LETTERS = new RegExp(`[${[...PLAIN.keys()].join('')}]`, 'gu');
/** In other scripts marks are letters: the vowels of Thai and Devanagari, the voicing of kana. */
const MARKED =
  /([\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Arabic}\p{Script=Hebrew}\p{Nd}])([\p{Mn}\u200c\u200d]+)/gu;
const BREVE = '\u0306';
const TATWEEL = /\u0640/gu;

/**
 * A text without what case and width make different (Unicode's full case folding, and NFKC): `STRASSE` and `straße`, `ΟΔΟΣ` and
 * `οδος`, `ISIK` and `ısık`, `ＭＵＧ` and `mug`. What names, tags and attributes are compared by.
 */
export function foldCase(text: string): string {
  // Upper case first: it takes apart what lower case leaves as it is (ß, ı, ŉ).
  const lower = text.normalize('NFKC').toUpperCase().toLowerCase();
  return lower.replaceAll('ς', 'σ').normalize('NFKC');
}

/** As `foldCase`, and without marks of scripts that are read without them: accents, the tonos, harakat. What is searched by. */
export function foldMarks(text: string): string {
  const bare = foldCase(text)
    .replace(TATWEEL, '')
    .normalize('NFKD')
    // й is a letter of its own, and no и.
    .replace(
      MARKED,
      (_, letter: string, marks: string) => letter + (letter === 'и' && marks[0] === BREVE ? BREVE : ''),
    );
  return bare.normalize('NFKC').replace(PLAIN_LETTERS, (letter) => PLAIN.get(letter) ?? letter);
}

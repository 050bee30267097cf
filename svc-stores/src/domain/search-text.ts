/**
 * How texts become what the full-text indexes hold, and queries what is asked of them.
 *
 * Scripts that write words apart go to an index of words: NFKC, lower case, Latin without accents. Each word ends in `__`, so
 * that none is too short for MySQL's parser and none is one of its stopwords. Scripts that do not (Chinese, Japanese, Korean,
 * Thai and their like) go to an index of n-grams as they are, each run of them with a `_` at its end: its last character
 * begins a pair of characters too then, and is found alone.
 */
export interface SearchText {
  /** Words with their marks, a space between and around them. */
  readonly words: string;
  readonly ngrams: string;
}

/** What a query asks for: all of it must be there. */
export interface TextQuery {
  readonly words: readonly QueryWord[];
  /** Runs of a script that has no words. */
  readonly runs: readonly string[];
}

export interface QueryWord {
  readonly text: string;
  /** Whether it stands for all that begin so. */
  readonly prefix: boolean;
}

const MARK = '__';
const RUN_END = '_';
/** MySQL indexes words of at most 84 characters. */
const WORD_CHARS_MAX = 80;
const QUERY_PARTS_MAX = 20;
/** A join has at most 61 tables, and filters take some. */
const TITLE_TERMS_MAX = 10;
const TOKEN = /[\p{L}\p{N}\p{M}]+/gu;
const SPACED =
  /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Armenian}\p{Script=Georgian}\p{Script=Hebrew}\p{Script=Arabic}\p{Nd}]+$/u;

/** Reads what is to be found of a text. */
export function toSearchText(...texts: readonly string[]): SearchText {
  const { words, runs } = cut(texts);
  return {
    words: words.length > 0 ? ` ${words.map((word) => word + MARK).join(' ')} ` : '',
    ngrams: runs.map((run) => run + RUN_END).join(' '),
  };
}

/** What names and tags are found by: their words, and of scripts that have none each pair of characters. */
export function toTitleTerms(...texts: readonly string[]): string[] {
  const { words, runs } = cut(texts);
  return [...new Set([...words, ...runs.flatMap(pairsOf)])];
}

function cut(texts: readonly string[]): { words: string[]; runs: string[] } {
  const tokens = texts.flatMap((text) => normalize(text).match(TOKEN) ?? []).flatMap(splitScripts);
  const words = tokens.filter((token) => SPACED.test(token)).map((word) => word.slice(0, WORD_CHARS_MAX));
  return { words, runs: unspaced(tokens) };
}

/** Reads a query; undefined when it asks for nothing. What goes beyond 20 words is not looked for. */
export function parseTextQuery(query: string): TextQuery | undefined {
  const tokens = normalize(query).match(/[\p{L}\p{N}\p{M}]+\*?/gu) ?? [];
  const parts = tokens.slice(0, QUERY_PARTS_MAX).flatMap((token) => {
    const prefix = token.endsWith('*');
    const pieces = splitScripts(prefix ? token.slice(0, -1) : token);
    return pieces.map((text, at) => ({ text, prefix: prefix && at === pieces.length - 1 }));
  });
  const words = parts.filter(({ text }) => SPACED.test(text));
  const runs = unspaced(parts.map(({ text }) => text));
  const clipped = words.map(({ text, prefix }) => ({ text: text.slice(0, WORD_CHARS_MAX), prefix }));
  return clipped.length + runs.length > 0 ? { words: clipped, runs } : undefined;
}

/** The words of a query in MySQL's boolean mode, all of them required. */
export function toBooleanWords({ words }: TextQuery): string {
  return words.map(({ text, prefix }) => (prefix ? `+${text}*` : `+${text}${MARK}`)).join(' ');
}

/** The runs of a query in MySQL's boolean mode: a single character stands for the pairs that begin with it. */
export function toBooleanRuns({ runs }: TextQuery): string {
  return runs.map((run) => ([...run].length === 1 ? `+${run}*` : `+"${run}"`)).join(' ');
}

/** The parts of a query as they stand in a `SearchText`. */
export function toNeedles({ words, runs }: TextQuery): { words: string[]; runs: readonly string[] } {
  return { words: words.map(({ text, prefix }) => (prefix ? ` ${text}` : ` ${text}${MARK} `)), runs };
}

/** A query as names and tags are searched: by whole words, and by runs of two characters and more. */
export interface TitleQuery {
  readonly inTitle: TextQuery;
  /** Words that stand for all that begin so, and single characters: these may be anywhere. */
  readonly anywhere: TextQuery;
  /** Some of the `toTitleTerms` of a title that has all of `inTitle`. */
  readonly terms: readonly string[];
}

/** Reads what of a query is looked for in names and tags, which relevance comes from; undefined when that is nothing. */
export function toTitleQuery({ words, runs }: TextQuery): TitleQuery | undefined {
  const isLong = (run: string) => [...run].length > 1;
  const inTitle = { words: words.filter(({ prefix }) => !prefix), runs: runs.filter(isLong) };
  const anywhere = { words: words.filter(({ prefix }) => prefix), runs: runs.filter((run) => !isLong(run)) };
  const terms = [...inTitle.words.map(({ text }) => text), ...inTitle.runs.flatMap(pairsOf)];
  return terms.length === 0 ? undefined : { inTitle, anywhere, terms: [...new Set(terms)].slice(0, TITLE_TERMS_MAX) };
}

function pairsOf(run: string): string[] {
  const chars = [...run];
  return chars.slice(1).map((char, at) => `${chars[at]}${char}`);
}

function normalize(text: string): string {
  const accents = /(?<=\p{Script=Latin})[\u0300-\u036f]+/gu;
  return text.normalize('NFKD').replace(accents, '').normalize('NFKC').toLowerCase();
}

/** Cuts a token where it changes between scripts with and without words: `iphone手机`. */
function splitScripts(token: string): string[] {
  if (SPACED.test(token)) return [token];
  const pieces: string[] = [];
  for (const char of token) {
    const last = pieces.at(-1);
    const joins = last !== undefined && (/\p{M}/u.test(char) || SPACED.test(char) === SPACED.test(last));
    if (joins) pieces[pieces.length - 1] = last + char;
    else pieces.push(char);
  }
  return pieces;
}

function unspaced(tokens: readonly string[]): string[] {
  return tokens.filter((token) => !SPACED.test(token));
}

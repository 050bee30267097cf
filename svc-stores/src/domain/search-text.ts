import { foldMarks } from './fold.ts';

/**
 * How texts become what the catalogue is searched by. A text has parts: its words, in scripts that write them apart, and each
 * pair of characters of those that do not (Chinese, Japanese, Korean, Thai and their like); symbols such as emoji are words of
 * their own. An entry has a posting for each of its parts. What no posting has (the beginning of a word, one character, a run
 * of more than two) is looked for in the text itself.
 */
export interface SearchText {
  /** Words with `__` after each, a space between and around them. */
  readonly words: string;
  /** Runs of a script that has no words, each with `_` at its end. */
  readonly ngrams: string;
}

/** What a query asks for: all of it must be there. Without any part of it, as for `!!!`, nothing is found. */
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
const WORD_CHARS_MAX = 80;
const QUERY_PARTS_MAX = 20;
/** A join has at most 61 tables, and filters take some. */
const QUERY_TERMS_MAX = 10;
/** Of one text. 10,000 characters of prose have about 1,000 different words. */
const PARTS_MAX = 1_500;
const TOKEN = /[\p{L}\p{N}\p{M}]+|[\p{S}\p{Extended_Pictographic}]/gu;
const QUERY_TOKEN = /[\p{L}\p{N}\p{M}]+\*?|[\p{S}\p{Extended_Pictographic}]/gu;
const SYMBOL = /^[\p{S}\p{Extended_Pictographic}]$/u;
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

/** The different parts of some texts, at most 1,500. */
export function toParts(...texts: readonly string[]): string[] {
  const { words, runs } = cut(texts);
  return [...new Set([...words, ...runs.flatMap(pairsOf)])].slice(0, PARTS_MAX);
}

function cut(texts: readonly string[]): { words: string[]; runs: string[] } {
  const tokens = texts.flatMap((text) => foldMarks(text).match(TOKEN) ?? []).flatMap(splitScripts);
  return {
    words: tokens.filter(isWord).map((word) => word.slice(0, WORD_CHARS_MAX)),
    runs: tokens.filter((token) => !isWord(token)),
  };
}

/**
 * Reads a query; undefined when it is empty. What goes beyond 20 words is not looked for. Symbols count where there is nothing
 * else: `salt + pepper` finds `salt and pepper`.
 */
export function parseTextQuery(query: string): TextQuery | undefined {
  if (query.trim() === '') return undefined;
  const found = foldMarks(query).match(QUERY_TOKEN) ?? [];
  const written = found.filter((token) => !SYMBOL.test(token));
  const tokens = written.length > 0 ? written : [...new Set(found)];
  const parts = tokens.slice(0, QUERY_PARTS_MAX).flatMap((token) => {
    const prefix = token.endsWith('*');
    const pieces = splitScripts(prefix ? token.slice(0, -1) : token);
    return pieces.map((text, at) => ({ text, prefix: prefix && at === pieces.length - 1 }));
  });
  const words = parts.filter(({ text }) => isWord(text));
  const clipped = words.map(({ text, prefix }) => ({ text: text.slice(0, WORD_CHARS_MAX), prefix }));
  return { words: clipped, runs: parts.map(({ text }) => text).filter((text) => !isWord(text)) };
}

/** Whether a query asks for what no text has. */
export function asksForNothing({ words, runs }: TextQuery): boolean {
  return words.length + runs.length === 0;
}

/** The parts of a query as they stand in a `SearchText`. */
export function toNeedles({ words, runs }: TextQuery): { words: string[]; runs: readonly string[] } {
  return { words: words.map(({ text, prefix }) => (prefix ? ` ${text}` : ` ${text}${MARK} `)), runs };
}

/** A query as postings answer it, and what is left to look for in the texts. */
export interface SplitQuery {
  /** Some of the `toParts` of a text that has all of the query; at most 10. */
  readonly parts: readonly string[];
  readonly left: TextQuery;
}

/** Splits a query into what postings have and the rest. */
export function splitQuery({ words, runs }: TextQuery): SplitQuery {
  const whole = words.filter(({ prefix }) => !prefix);
  const parts = [...new Set([...whole.map(({ text }) => text), ...runs.flatMap(pairsOf)])].slice(0, QUERY_TERMS_MAX);
  const known = new Set(parts);
  const isLeft = (run: string) => !known.has(run);
  return {
    parts,
    left: { words: words.filter(({ text, prefix }) => prefix || !known.has(text)), runs: runs.filter(isLeft) },
  };
}

/** What of a query is looked for in names and tags, which relevance comes from: whole words, and runs of two and more. */
export function inTitleOf({ words, runs }: TextQuery): TextQuery {
  return { words: words.filter(({ prefix }) => !prefix), runs: runs.filter((run) => [...run].length > 1) };
}

/** What of a query may stand anywhere: beginnings of words, and single characters. */
export function anywhereOf({ words, runs }: TextQuery): TextQuery {
  return { words: words.filter(({ prefix }) => prefix), runs: runs.filter((run) => [...run].length === 1) };
}

function pairsOf(run: string): string[] {
  const chars = [...run];
  return chars.slice(1).map((char, at) => `${chars[at]}${char}`);
}

function isWord(token: string): boolean {
  return SPACED.test(token) || SYMBOL.test(token);
}

/** Cuts a token where it changes between scripts with and without words: `iphone手机`. */
function splitScripts(token: string): string[] {
  if (isWord(token)) return [token];
  const pieces: string[] = [];
  for (const char of token) {
    const last = pieces.at(-1);
    const joins = last !== undefined && (/\p{M}/u.test(char) || SPACED.test(char) === SPACED.test(last));
    if (joins) pieces[pieces.length - 1] = last + char;
    else pieces.push(char);
  }
  return pieces;
}

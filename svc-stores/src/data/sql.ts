import { type TextQuery, toNeedles } from '../domain/search-text.ts';
import type { SqlValue } from './insert-many.ts';

/** SQL with the values for its question marks. */
export interface Sql {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

export function sql(text: string, values: readonly SqlValue[] = []): Sql {
  return { text, values };
}

export function join(parts: readonly Sql[], separator = ' '): Sql {
  return { text: parts.map(({ text }) => text).join(separator), values: parts.flatMap(({ values }) => values) };
}

/** That name and tags of an entry `c` have each part of a text: read from the entry itself, without an index. */
export function inTitle(text: TextQuery): Sql[] {
  const { words, runs } = toNeedles(text);
  return [...words, ...runs].map((needle) => sql('INSTR(c.title_words, ?) > 0', [needle]));
}

/** That an entry `c` has each part of a text: read from the entry itself, without an index. */
export function hasText(text: TextQuery): Sql[] {
  const { words, runs } = toNeedles(text);
  return [
    ...words.map((word) => sql('INSTR(c.search_words, ?) > 0', [word])),
    ...runs.map((run) => sql('INSTR(c.search_ngrams, ?) > 0', [run])),
  ];
}

import { LRUCache } from 'lru-cache';
import type { CatalogQuery, SearchPlan } from '../domain/search.ts';
import { type TextQuery, toBooleanRuns, toBooleanWords } from '../domain/search-text.ts';
import type { Orm } from './orm.ts';
import { hasText, join, type Sql, sql } from './sql.ts';
import { termKey } from './term-key.ts';

/** Of a term that fewer entries have than this, all can be looked at. */
export const FEW = 2_000;
const SAMPLE = 400;
/** A text is common when so many of the newest entries have it: a page is full then after a thousand entries or two. */
const COMMON_IN_SAMPLE = 8;
const REMEMBERED_MAX = 20_000;
const REMEMBERED_MS = 60_000;

/** How to find what a query asks for without looking at much else. */
export type SurveySearch = (query: CatalogQuery) => Promise<SearchPlan>;

/**
 * Chooses how to search: how many entries have each term, up to `FEW`, and whether a text is common among the newest. One
 * round trip, and none for what was asked within the last minute or for what leaves no choice.
 */
export function createSurvey({ em }: Orm): SurveySearch {
  const remembered = new LRUCache<string, number>({ max: REMEMBERED_MAX, ttl: REMEMBERED_MS });
  return async ({ terms, text, order }) => {
    const textKey = text && order !== 'relevance' ? `text ${toBooleanWords(text)} ${toBooleanRuns(text)}` : undefined;
    if (terms.length === 1 && !text) return { terms, few: false, common: false };
    const questions = new Map(terms.map((term) => [term, sizeOf(term)]));
    if (text && textKey !== undefined) questions.set(textKey, hitsOf(text));
    const unknown = [...questions].filter(([key]) => !remembered.has(key));
    if (unknown.length > 0) {
      const { text: select, values } = join(
        unknown.map(([, question], at) => join([question, sql(`AS n${at}`)])),
        ', ',
      );
      const [row] = await em.execute<Record<string, number>[]>(`SELECT ${select}`, [...values]);
      for (const [at, [key]] of unknown.entries()) remembered.set(key, Number(row?.[`n${at}`] ?? 0));
    }
    const counted = (key: string) => remembered.get(key) ?? 0;
    return {
      terms: terms.toSorted((a, b) => counted(a) - counted(b)),
      few: terms.some((term) => counted(term) < FEW),
      common: textKey !== undefined && counted(textKey) >= COMMON_IN_SAMPLE,
    };
  };
}

function sizeOf(term: string): Sql {
  const count = `(SELECT COUNT(*) FROM (SELECT 1 FROM catalog_postings WHERE term = ? LIMIT ${FEW}) found)`;
  return sql(count, [termKey(term)]);
}

function hitsOf(text: TextQuery): Sql {
  const newest = `(SELECT search_words, search_ngrams FROM catalog ORDER BY product_id DESC LIMIT ${SAMPLE}) c`;
  return join([sql('(SELECT COUNT(*) FROM'), sql(newest), sql('WHERE'), hasText(text), sql(')')]);
}

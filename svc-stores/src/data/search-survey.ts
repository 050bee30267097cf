import { LRUCache } from 'lru-cache';
import { term } from '../domain/catalog-entry.ts';
import { type CatalogQuery, type SearchPlan, textTermsOf } from '../domain/search.ts';
import { writeId } from './columns.ts';
import type { Orm } from './orm.ts';
import { newestOf } from './search-sql.ts';
import { join, type Sql, sql } from './sql.ts';

/** Of a term that fewer entries have than this, all can be looked at. */
export const FEW = 1_000;
const REMEMBERED_MAX = 20_000;
/** How many entries have a term may be another number soon, as while products are imported. */
const REMEMBERED_MS = 60_000;

/** How to find what a query asks for without looking at much else. */
export interface Survey {
  readonly plan: SearchPlan;
  /** Of the store that was asked about; undefined without one. */
  readonly currencyCode: string | undefined;
}

/** How many entries have a term, up to `FEW`, and the id of the last of these. */
interface Finding {
  readonly count: number;
  readonly last: string;
}

interface Row {
  readonly question: number;
  readonly count: number;
  readonly last: Buffer | null;
  readonly currency_code: string | null;
}

const NOTHING: Finding = { count: 0, last: '' };

/**
 * Chooses how to search by how many entries have each term. One round trip, and none for what is remembered or leaves no
 * choice; it looks at no more than 1,000 postings for each term.
 */
export function createSurvey({ em }: Orm): (query: CatalogQuery, currencyOf: string) => Promise<Survey> {
  const remembered = new LRUCache<string, Finding>({ max: REMEMBERED_MAX, ttl: REMEMBERED_MS });
  return async (query, currencyOf) => {
    const open = questionsOf(query).filter((one) => !remembered.has(one));
    const asked = [...open.map(sizeQuestion), ...(currencyOf === '' ? [] : [currencyQuestion(currencyOf)])];
    const { text, values } = join(asked.map(numbered), ' UNION ALL ');
    const rows = asked.length === 0 ? [] : await em.execute<Row[]>(text, [...values]);
    const answers = new Map(rows.map((row) => [row.question, row]));
    for (const [at, one] of open.entries()) {
      const { count, last } = answers.get(at) ?? { count: 0, last: null };
      remembered.set(one, { count, last: last?.toString('hex') ?? '' });
    }
    return {
      plan: toPlan(query, (one) => remembered.get(one) ?? NOTHING),
      currencyCode: answers.get(open.length)?.currency_code ?? undefined,
    };
  };
}

/** The terms whose sizes have to be known before a search: none where there is only one way. */
function questionsOf(query: CatalogQuery): string[] {
  const { filters, named } = termsOf(query);
  const all = [...new Set([...filters, ...named])];
  return all.length === 1 && !query.order.startsWith('price') ? [] : all;
}

function toPlan(query: CatalogQuery, findingOf: (one: string) => Finding): SearchPlan {
  const { filters, named } = termsOf(query);
  const rarestFirst = (some: readonly string[]) =>
    some
      .map((one) => ({ one, ...findingOf(one) }))
      // Of terms that many have, the rarer one is that whose entries go back further.
      .toSorted((a, b) => a.count - b.count || (a.last < b.last ? -1 : a.last > b.last ? 1 : 0))
      .map(({ one }) => one);
  return {
    terms: rarestFirst(filters),
    few: filters.some((one) => findingOf(one).count < FEW),
    named: named.length === 0 ? undefined : rarestFirst(named),
  };
}

/** What is filtered by, the text's parts among it; and the same with the parts in names and tags, where relevance asks for it. */
function termsOf({ text, terms, order }: CatalogQuery): { filters: string[]; named: string[] } {
  const own = terms.filter((one) => one !== term.all);
  const filters = [...own, ...textTermsOf(text, term.text)];
  const titles = order === 'relevance' ? textTermsOf(text, term.title) : [];
  return {
    filters: filters.length > 0 ? filters : [term.all],
    named: titles.length > 0 ? [...titles, ...own] : [],
  };
}

function sizeQuestion(searched: string): Sql {
  const select = sql('SELECT COUNT(*) AS count, MIN(product_id) AS last, NULL AS currency_code FROM (');
  return join([select, newestOf(searched, FEW), sql(') newest')]);
}

function currencyQuestion(storeId: string): Sql {
  const select = 'SELECT 0 AS count, NULL AS last, currency_code FROM stores WHERE store_id = ?';
  return sql(select, [writeId('store', storeId)]);
}

function numbered({ text, values }: Sql, at: number): Sql {
  return { text: `SELECT ${at} AS question, q.* FROM (${text}) q`, values };
}

import { LRUCache } from 'lru-cache';
import { term } from '../domain/catalog-entry.ts';
import type { CatalogQuery, SearchPlan } from '../domain/search.ts';
import { type TextQuery, toBooleanRuns, toBooleanWords, toTitleQuery } from '../domain/search-text.ts';
import { writeId } from './columns.ts';
import type { Orm } from './orm.ts';
import { newestOf } from './search-sql.ts';
import { hasText, join, type Sql, sql } from './sql.ts';
import { termKey } from './term-key.ts';

/** Of a term that fewer entries have than this, all can be looked at. */
export const FEW = 1_000;
/** How many of the newest entries are asked whether they have a text. */
const SAMPLE = 1_000;
/** A text is common when so many of these have it: walking them fills a page sooner than the full-text index does. */
const COMMON_IN_SAMPLE = 4;
const REMEMBERED_MAX = 20_000;
/** How many entries have a term may be another number soon, as while products are imported. */
const SIZE_REMEMBERED_MS = 60_000;
/** The share of entries that have a text changes slowly, and finding it takes most of a survey. */
const TEXT_REMEMBERED_MS = 600_000;

/** How to find what a query asks for without looking at much else. */
export interface Survey {
  readonly plan: SearchPlan;
  /** Of the store that was asked about; undefined without one. */
  readonly currencyCode: string | undefined;
}

/** How many entries have a term, up to `FEW`, and the id of the last of these; or how many of the newest have a text. */
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
 * Chooses how to search: how many entries have each term, and whether a text is common among the newest. One round trip, and
 * none for what is remembered or leaves no choice.
 */
export function createSurvey({ em }: Orm): (query: CatalogQuery, currencyOf: string) => Promise<Survey> {
  const remembered = new LRUCache<string, Finding>({ max: REMEMBERED_MAX, ttl: SIZE_REMEMBERED_MS });
  return async (query, currencyOf) => {
    const questions = questionsOf(query);
    const open = [...questions].filter(([key]) => !remembered.has(key));
    const asked = [
      ...open.map(([, question]) => question),
      ...(currencyOf === '' ? [] : [currencyQuestion(currencyOf)]),
    ];
    const { text, values } = join(asked.map(numbered), ' UNION ALL ');
    const rows = asked.length === 0 ? [] : await em.execute<Row[]>(text, [...values]);
    const answers = new Map(rows.map((row) => [row.question, row]));
    for (const [at, [key]] of open.entries()) {
      const { count, last } = answers.get(at) ?? { count: 0, last: null };
      const ttl = query.text && key === textKey(query.text) ? TEXT_REMEMBERED_MS : SIZE_REMEMBERED_MS;
      remembered.set(key, { count, last: last?.toString('hex') ?? '' }, { ttl });
    }
    return {
      plan: toPlan(query, (key) => remembered.get(key) ?? NOTHING),
      currencyCode: answers.get(open.length)?.currency_code ?? undefined,
    };
  };
}

/** What has to be known before a search, each with the key to remember it by. */
function questionsOf({ text, terms, order }: CatalogQuery): Map<string, Sql> {
  if (!text) return new Map(terms.length === 1 ? [] : terms.map((one) => [one, sizeQuestion(one)]));
  const named = order === 'relevance' ? titlesOf(text) : [];
  return new Map([
    ...[...terms, ...named].map((one) => [one, sizeQuestion(one)] as const),
    [textKey(text), textQuestion(text)],
  ]);
}

function toPlan({ text, terms, order }: CatalogQuery, findingOf: (key: string) => Finding): SearchPlan {
  const named = text && order === 'relevance' ? titlesOf(text) : [];
  const rarestFirst = (some: readonly string[]) =>
    some
      .map((one) => ({ one, ...findingOf(one) }))
      // Of terms that many have, the rarer one is that whose entries go back further.
      .toSorted((a, b) => a.count - b.count || (a.last < b.last ? -1 : a.last > b.last ? 1 : 0))
      .map(({ one }) => one);
  const filters = terms.filter((one) => one !== term.all);
  return {
    terms: rarestFirst(terms),
    few: text !== undefined && terms.some((one) => findingOf(one).count < FEW),
    common: text !== undefined && findingOf(textKey(text)).count >= COMMON_IN_SAMPLE,
    named: named.length === 0 ? undefined : rarestFirst([...named, ...filters]),
  };
}

function titlesOf(text: TextQuery): string[] {
  return toTitleQuery(text)?.terms.map(term.title) ?? [];
}

function textKey(text: TextQuery): string {
  return `text ${toBooleanWords(text)} ${toBooleanRuns(text)}`;
}

function sizeQuestion(searched: string): Sql {
  const select = sql('SELECT COUNT(*) AS count, MIN(product_id) AS last, NULL AS currency_code FROM (');
  return join([select, newestOf(searched, FEW), sql(') newest')]);
}

function textQuestion(text: TextQuery): Sql {
  const oldest = 'SELECT product_id FROM catalog_postings WHERE term = ? ORDER BY product_id DESC LIMIT 1 OFFSET';
  return join([
    sql('SELECT COUNT(*) AS count, NULL AS last, NULL AS currency_code FROM ('),
    sql(`SELECT 1 FROM catalog c WHERE c.product_id >= COALESCE((${oldest} ${SAMPLE - 1}), '') AND`, [
      termKey(term.all),
    ]),
    join(hasText(text), ' AND '),
    sql(`ORDER BY c.product_id DESC LIMIT ${COMMON_IN_SAMPLE}) having_it`),
  ]);
}

function currencyQuestion(storeId: string): Sql {
  const select = 'SELECT 0 AS count, NULL AS last, currency_code FROM stores WHERE store_id = ?';
  return sql(select, [writeId('store', storeId)]);
}

function numbered({ text, values }: Sql, at: number): Sql {
  return { text: `SELECT ${at} AS question, q.* FROM (${text}) q`, values };
}

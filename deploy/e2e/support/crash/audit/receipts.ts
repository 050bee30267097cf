import type { Databases } from '../databases.ts';

const WRONG = `SELECT LOWER(HEX(purchase_id)) AS purchase, state, number FROM purchases LEFT JOIN receipts USING (purchase_id)
  WHERE (state = 'captured') <> (number IS NOT NULL)`;
const SERIES = `SELECT LOWER(HEX(store_id)) AS store, year, last_number AS taken, COUNT(number) AS given, MIN(number) AS first,
  MAX(number) AS last FROM receipt_series LEFT JOIN receipts USING (store_id, year) GROUP BY store_id, year, last_number`;

interface Series {
  readonly store: string;
  readonly year: number;
  readonly taken: number;
  readonly given: number;
  readonly first: number | null;
  readonly last: number | null;
}

/** Purchases without the receipt that they should have, or with one that they should not, and series with a gap. */
export async function receiptFaults({ transactions }: Databases): Promise<string[]> {
  const wrong = await transactions.rows<{ purchase: string; state: string; number: number | null }>(WRONG);
  const series = await transactions.rows<Series>(SERIES);
  const broken = series.filter(({ taken, given, first, last }) => first !== 1 || given !== taken || last !== taken);
  return [
    ...wrong.map(({ purchase, state, number }) => `purchase ${purchase} is ${state}, and its receipt is ${number}`),
    ...broken.map((one) => `receipts have a gap: ${JSON.stringify(one)}`),
  ];
}

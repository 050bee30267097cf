import type { StockReturn, StockReturns } from '../domain/return-stock.ts';
import { readId, writeId } from './columns.ts';
import type { Orm } from './orm.ts';

const INSERT = 'INSERT INTO stock_returns (return_id, reservation_id, `lines`, create_time) VALUES (?, ?, ?, ?)';
const SELECT = 'SELECT return_id, reservation_id, `lines` FROM stock_returns';

interface Row {
  readonly return_id: string;
  readonly reservation_id: Buffer;
  readonly lines: { readonly variantId: string; readonly quantity: number }[];
}

/** Stock that came back, in MySQL. */
export function createStockReturns({ em }: Orm): StockReturns {
  const find = async (where: string, value: string | Buffer) =>
    (await em.execute<Row[]>(`${SELECT} WHERE ${where} = ?`, [value])).map(toReturn);
  return {
    find: async (returnId) => (await find('return_id', returnId))[0],
    listOf: (reservationId) => find('reservation_id', writeId('res', reservationId)),
    add: async ({ returnId, reservationId, lines }, time) => {
      await em.execute(INSERT, [returnId, writeId('res', reservationId), JSON.stringify(lines), time]);
    },
  };
}

function toReturn(row: Row): StockReturn {
  return {
    returnId: row.return_id,
    reservationId: readId('res', row.reservation_id),
    lines: row.lines.map(({ variantId, quantity }) => ({ variantId, quantity })),
  };
}

import assert from 'node:assert/strict';
import { AdjustStockRequest, StockReason } from '@malla/proto/malla/stores/v1/stock_service';
import { rejectsWith } from '../support/expect.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { newReservationId, openShop, type Shop, stockFaults, stockOf, stockVariants } from '../support/shop.ts';

describe('ReservationsService/ReturnStock', () => {
  let service: TestService;
  let shop: Shop;
  let ids: string[];
  before(async () => {
    service = await startTestService();
    shop = await openShop(service);
  });
  beforeEach(async () => {
    ids = await stockVariants(service, shop, 10, 20);
  });
  after(() => service.stop());
  afterEach(async () => assert.deepEqual(await stockFaults(service), []));

  const lines = (...quantities: number[]) =>
    quantities.flatMap((quantity, at) => (quantity > 0 ? [{ variantId: ids[at] ?? '', quantity }] : []));
  const reserve = async (...quantities: number[]) => {
    const reservationId = newReservationId();
    const request = { reservationId, ownerId: 'order-1', lines: lines(...quantities), lifetime: undefined };
    await service.transactions.reservations.reserveStock(request);
    return reservationId;
  };
  const sell = async (...quantities: number[]) => {
    const reservationId = await reserve(...quantities);
    await service.transactions.reservations.commitReservation({ reservationId });
    return reservationId;
  };
  const takeBack = (returnId: string, reservationId: string, ...quantities: number[]) =>
    service.transactions.reservations.returnStock({ returnId, reservationId, lines: lines(...quantities) });

  it('takes back a part once, however often and at once it is asked for', async () => {
    const id = await sell(4, 5);
    await Promise.all(Array.from({ length: 10 }, () => takeBack(`rfnd_${id}`, id, 1, 2)));
    assert.deepEqual(await stockOf(service, shop, ids), [
      [7, 0, 7, 3],
      [17, 0, 17, 3],
    ]);
  });

  it('takes back all that is left when no lines are given, and nothing when there is nothing left', async () => {
    const id = await sell(4, 5);
    await takeBack(`a-${id}`, id, 1);
    const { lines: taken } = await takeBack(id, id);
    assert.deepEqual(taken.map(({ quantity }) => quantity).toSorted(), [3, 5]);
    assert.deepEqual((await takeBack(`b-${id}`, id)).lines, []);
    assert.deepEqual(await stockOf(service, shop, ids), [
      [10, 0, 10, 0],
      [20, 0, 20, 0],
    ]);
  });

  it('never takes back more than was sold, to many who return at once', async () => {
    const id = await sell(4, 0);
    const outcomes = await Promise.allSettled(Array.from({ length: 12 }, (_, at) => takeBack(`${at}-${id}`, id, 1)));
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 4);
    const { fields } = await rejectsWith(takeBack(`c-${id}`, id, 1), 'FAILED_PRECONDITION', 'RETURN_TOO_LARGE');
    assert.deepEqual(
      fields?.map(({ field }) => field),
      ['lines[0].quantity'],
    );
    assert.deepEqual((await stockOf(service, shop, ids))[0], [10, 0, 10, 0]);
  });

  it('tells what a customer brought to the counter from what was sold and came back', async () => {
    const id = await sell(4);
    await takeBack(`e-${id}`, id, 3);
    const [variantId = ''] = ids;
    const counter = { variantId, onHandChange: 2, reason: StockReason.RETURNED };
    await service.edge.stock.adjustStock(AdjustStockRequest.create(counter), shop.owner);
    assert.deepEqual((await stockOf(service, shop, ids))[0], [11, 0, 11, 1]);
    const { entries } = await service.edge.stock.listStockEntries(
      { variantId, pageSize: 0, pageToken: '' },
      shop.owner,
    );
    assert.deepEqual(
      entries.map(({ reason, soldChange }) => [reason, soldChange]),
      [
        [StockReason.RETURNED, 0],
        [StockReason.RETURNED, -3],
        [StockReason.SOLD, 4],
        [StockReason.RESERVED, 0],
        [StockReason.RECEIVED, 0],
      ],
    );
  });

  it('counts what the version before wrote down without saying what was sold', async () => {
    const id = await sell(4);
    await takeBack(`f-${id}`, id, 3);
    const counter = { variantId: ids[0] ?? '', onHandChange: 2, reason: StockReason.RETURNED };
    await service.edge.stock.adjustStock(AdjustStockRequest.create(counter), shop.owner);
    await service.sql('UPDATE stock_entries SET sold_change = NULL');
  });

  it('refuses what was not sold, an unknown reservation, and an id that was used for something else', async () => {
    const held = await reserve(1);
    await rejectsWith(takeBack('r-1', held, 1), 'FAILED_PRECONDITION', 'RESERVATION_NOT_COMMITTED');
    await rejectsWith(takeBack('r-1', newReservationId(), 1), 'NOT_FOUND', 'RESERVATION_NOT_FOUND');
    const id = await sell(4);
    await takeBack(`d-${id}`, id, 1);
    await rejectsWith(takeBack(`d-${id}`, id, 2), 'ALREADY_EXISTS', 'RETURN_MISMATCH');
    const other = await sell(1);
    await rejectsWith(takeBack(`d-${id}`, other, 1), 'ALREADY_EXISTS', 'RETURN_MISMATCH');
  });
});

import assert from 'node:assert/strict';
import { ReservationState } from '@malla/proto/malla/stores/v1/reservation';
import { rejectsWith } from '../support/expect.ts';
import { startTestService, type TestService } from '../support/service.ts';
import {
  newProduct,
  newReservationId,
  newVariant,
  openShop,
  type Shop,
  stockOf,
  stockVariants,
} from '../support/shop.ts';

describe('ReservationsService/ReserveStock', () => {
  let service: TestService;
  let shop: Shop;
  before(async () => {
    service = await startTestService();
    shop = await openShop(service);
  });
  after(() => service.stop());

  type Lines = { variantId: string; quantity: number }[];
  const reserve = (lines: Lines, reservationId = newReservationId(), ownerId = 'order-1', seconds = 900n) =>
    service.transactions.reservations.reserveStock({ reservationId, ownerId, lines, lifetime: { seconds, nanos: 0 } });
  const line = (variantId = '', quantity = 1) => ({ variantId, quantity });

  it('keeps stock of several variants, and adds up lines of one variant', async () => {
    const ids = await stockVariants(service, shop, 10, 10);
    const [first, second] = ids;
    const { reservation } = await reserve([line(second, 2), line(first, 3), line(second, 1)]);
    assert.equal(reservation?.state, ReservationState.HELD);
    assert.deepEqual(reservation?.lines, [line(first, 3), line(second, 3)]);
    assert.deepEqual(await stockOf(service, shop, ids), [
      [10, 3, 7, 0],
      [10, 3, 7, 0],
    ]);
  });

  it('keeps nothing when one line is short, and names that line', async () => {
    const ids = await stockVariants(service, shop, 5, 1);
    const short = reserve([line(ids[0], 5), line(ids[1], 2)]);
    const said = await rejectsWith(short, 'FAILED_PRECONDITION', 'STOCK_INSUFFICIENT');
    assert.deepEqual(
      said.fields.map(({ field }) => field),
      ['lines[1].quantity'],
    );
    assert.deepEqual(await stockOf(service, shop, ids), [
      [5, 0, 5, 0],
      [1, 0, 1, 0],
    ]);
  });

  it('answers NOT_FOUND for a variant that is not there, and names the line', async () => {
    const [known] = await stockVariants(service, shop, 5);
    const unknown = reserve([line(known), line('var_01h2xcejqtf2nbrexx3vqjhp41')]);
    const said = await rejectsWith(unknown, 'NOT_FOUND', 'VARIANT_NOT_FOUND');
    assert.equal(said.fields[0]?.field, 'lines[1].variant_id');
  });

  it('keeps nothing of a closed store or of a product that is not published, and names each line with its reason', async () => {
    const closing = await openShop(service);
    const [closed, open] = [await stockVariants(service, closing, 5), await stockVariants(service, shop, 5)];
    const draft = { storeId: shop.storeId, product: newProduct({ variants: [newVariant({ initialStock: 5 })] }) };
    const { product } = await service.edge.products.createProduct(draft, shop.owner);
    const held = newReservationId();
    await reserve([line(closed[0])], held);
    await service.edge.stores.closeStore({ storeId: closing.storeId }, closing.owner);
    const all = [line(open[0]), line(closed[0]), line(product?.variants[0]?.variantId)];
    const said = await rejectsWith(reserve(all), 'FAILED_PRECONDITION', 'STORE_CLOSED');
    assert.deepEqual(
      said.fields.map(({ field, reason }) => [field, reason]),
      [
        ['lines[1].variant_id', 'STORE_CLOSED'],
        ['lines[2].variant_id', 'PRODUCT_NOT_PUBLISHED'],
      ],
    );
    await rejectsWith(reserve([all[2] ?? line()]), 'FAILED_PRECONDITION', 'PRODUCT_NOT_PUBLISHED');
    assert.deepEqual(await stockOf(service, shop, open), [[5, 0, 5, 0]]);
    const { reservation } = await reserve([line(closed[0])], held);
    assert.equal(reservation?.state, ReservationState.HELD);
    await service.transactions.reservations.extendReservation({ reservationId: held, lifetime: undefined });
    await service.transactions.reservations.commitReservation({ reservationId: held });
    assert.deepEqual(await stockOf(service, closing, closed), [[4, 0, 4, 1]]);
  });

  it('counts once for each id, twenty times at once', async () => {
    const ids = await stockVariants(service, shop, 10);
    const reservationId = newReservationId();
    const answers = await Promise.all(Array.from({ length: 20 }, () => reserve([line(ids[0], 4)], reservationId)));
    assert.equal(new Set(answers.map(({ reservation }) => reservation?.createTime?.getTime())).size, 1);
    assert.deepEqual(await stockOf(service, shop, ids), [[10, 4, 6, 0]]);
  });

  it('answers ALREADY_EXISTS when the id was used for something else', async () => {
    const [id] = await stockVariants(service, shop, 10);
    const reservationId = newReservationId();
    await reserve([line(id, 1)], reservationId);
    for (const other of [reserve([line(id, 2)], reservationId), reserve([line(id, 1)], reservationId, 'order-2')]) {
      await rejectsWith(other, 'ALREADY_EXISTS', 'RESERVATION_MISMATCH');
    }
  });

  it('keeps nothing when the id was released before', async () => {
    const ids = await stockVariants(service, shop, 10);
    const reservationId = newReservationId();
    await service.transactions.reservations.releaseReservation({ reservationId });
    const { reservation } = await reserve([line(ids[0], 4)], reservationId);
    assert.equal(reservation?.state, ReservationState.RELEASED);
    assert.deepEqual(await stockOf(service, shop, ids), [[10, 0, 10, 0]]);
  });

  it('never deadlocks on baskets of the same variants in different orders', async () => {
    const ids = await stockVariants(service, shop, 1000, 1000, 1000, 1000, 1000);
    const baskets = Array.from({ length: 60 }, (_, at) => (at % 2 ? ids : ids.toReversed()).map((id) => line(id)));
    await Promise.all(baskets.map((lines) => reserve(lines)));
    assert.deepEqual(
      await stockOf(service, shop, ids),
      ids.map(() => [1000, 60, 940, 0]),
    );
  });

  it('gives back what has expired', async () => {
    const ids = await stockVariants(service, shop, 10);
    const { reservation } = await reserve([line(ids[0], 4)], newReservationId(), 'order-1', 60n);
    service.clock.advance(61_000);
    while ((await stockOf(service, shop, ids))[0]?.[1] !== 0);
    assert.deepEqual(await stockOf(service, shop, ids), [[10, 0, 10, 0]]);
    const { reservationId = '' } = reservation ?? {};
    const after = await service.transactions.reservations.getReservation({ reservationId });
    assert.equal(after.reservation?.state, ReservationState.EXPIRED);
    const late = service.transactions.reservations.commitReservation({ reservationId });
    const said = await rejectsWith(late, 'FAILED_PRECONDITION', 'RESERVATION_ENDED');
    assert.equal(said.metadata?.state, 'expired');
  });

  it('is for svc-transactions alone', async () => {
    const [id] = await stockVariants(service, shop, 1);
    const request = { reservationId: newReservationId(), ownerId: 'x', lines: [line(id)], lifetime: undefined };
    for (const name of ['edge-gateway', 'svc-users', 'developer']) {
      const { reservations } = await service.clientsAs(name);
      await rejectsWith(reservations.reserveStock(request), 'PERMISSION_DENIED', 'CALLER_NOT_ALLOWED');
    }
  });
});

import assert from 'node:assert/strict';
import { ReservationState } from '@malla/proto/malla/stores/v1/reservation';
import { rejectsWith } from '../support/expect.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { newReservationId, openShop, type Shop, stockOf, stockVariants } from '../support/shop.ts';

describe('ReservationsService/CommitReservation, ReleaseReservation and ExtendReservation', () => {
  let service: TestService;
  let shop: Shop;
  let ids: string[];
  before(async () => {
    service = await startTestService();
    shop = await openShop(service);
  });
  beforeEach(async () => {
    ids = await stockVariants(service, shop, 10);
  });
  after(() => service.stop());

  const reserve = async (quantity: number) => {
    const reservationId = newReservationId();
    const lines = [{ variantId: ids[0] ?? '', quantity }];
    const lifetime = { seconds: 60n, nanos: 0 };
    await service.transactions.reservations.reserveStock({ reservationId, ownerId: 'order-1', lines, lifetime });
    return reservationId;
  };
  const commit = (reservationId: string) => service.transactions.reservations.commitReservation({ reservationId });
  const release = (reservationId: string) => service.transactions.reservations.releaseReservation({ reservationId });
  const extend = (reservationId: string, seconds: bigint) =>
    service.transactions.reservations.extendReservation({ reservationId, lifetime: { seconds, nanos: 0 } });

  it('sells what is reserved, once, however often and at once it is committed', async () => {
    const id = await reserve(4);
    const answers = await Promise.all(Array.from({ length: 10 }, () => commit(id)));
    assert.ok(answers.every(({ reservation }) => reservation?.state === ReservationState.COMMITTED));
    assert.deepEqual(await stockOf(service, shop, ids), [[6, 0, 6, 4]]);
    await rejectsWith(release(id), 'FAILED_PRECONDITION', 'RESERVATION_COMMITTED');
  });

  it('gives back what is reserved, once', async () => {
    const id = await reserve(4);
    const answers = await Promise.all(Array.from({ length: 10 }, () => release(id)));
    assert.ok(answers.every(({ reservation }) => reservation?.state === ReservationState.RELEASED));
    assert.deepEqual(await stockOf(service, shop, ids), [[10, 0, 10, 0]]);
    await rejectsWith(commit(id), 'FAILED_PRECONDITION', 'RESERVATION_ENDED');
  });

  it('either sells or gives back when both are asked for at once', async () => {
    const id = await reserve(4);
    const outcomes = await Promise.allSettled([commit(id), release(id)]);
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
    const [row] = await stockOf(service, shop, ids);
    assert.ok(row?.[1] === 0 && (row[0] === 6 || row[0] === 10));
  });

  it('lets a reservation live longer, and never shorter', async () => {
    const id = await reserve(1);
    const { reservation: longer } = await extend(id, 600n);
    const { reservation: same } = await extend(id, 1n);
    assert.deepEqual(same?.expireTime, longer?.expireTime);
    service.clock.advance(61_000);
    assert.equal((await commit(id)).reservation?.state, ReservationState.COMMITTED);
    await rejectsWith(extend(id, 60n), 'FAILED_PRECONDITION', 'RESERVATION_ENDED');
  });

  it('answers NOT_FOUND for an id that is not known, except to a release', async () => {
    await rejectsWith(commit(newReservationId()), 'NOT_FOUND', 'RESERVATION_NOT_FOUND');
    await rejectsWith(extend(newReservationId(), 60n), 'NOT_FOUND', 'RESERVATION_NOT_FOUND');
    const unknown = service.transactions.reservations.getReservation({ reservationId: newReservationId() });
    await rejectsWith(unknown, 'NOT_FOUND', 'RESERVATION_NOT_FOUND');
    const { reservation } = await release(newReservationId());
    assert.equal(reservation?.state, ReservationState.RELEASED);
  });
});

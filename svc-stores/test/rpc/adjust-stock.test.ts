import assert from 'node:assert/strict';
import { AdjustStockRequest, StockReason } from '@malla/proto/malla/stores/v1/stock_service';
import { StaffRole } from '@malla/proto/malla/stores/v1/store';
import { typeid } from 'typeid-js';
import { writeId } from '../../src/data/columns.ts';
import { openOrm } from '../../src/data/orm.ts';
import { findStockFaults } from '../../src/data/stock-check.ts';
import { as } from '../support/clients.ts';
import { rejectsWith } from '../support/expect.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { newReservationId, openShop, type Shop, stockOf, stockVariants } from '../support/shop.ts';
import { newUserId } from '../support/users.ts';

describe('StockService/AdjustStock', () => {
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

  const adjust = (fields: Partial<AdjustStockRequest>, who = shop.owner) => {
    const request = { variantId: ids[0] ?? '', onHandChange: 1, reason: StockReason.RECEIVED, ...fields };
    return service.edge.stock.adjustStock(AdjustStockRequest.create(request), who);
  };
  const entries = async () => {
    const request = { variantId: ids[0] ?? '', pageSize: 0, pageToken: '' };
    return (await service.edge.stock.listStockEntries(request, shop.owner)).entries;
  };

  it('changes what is on hand and writes down who and why', async () => {
    const { stock, entry } = await adjust({ onHandChange: -3, reason: StockReason.DAMAGED, note: 'fell' });
    assert.deepEqual([stock?.onHand, stock?.available], [7, 7]);
    assert.deepEqual([entry?.actor, entry?.note, entry?.onHandChange], [shop.ownerId, 'fell', -3]);
    const [newest, first] = await entries();
    assert.deepEqual(newest, entry);
    assert.deepEqual([first?.reason, first?.onHandChange], [StockReason.RECEIVED, 10]);
  });

  it('never takes what is reserved', async () => {
    const lines = [{ variantId: ids[0] ?? '', quantity: 8 }];
    const request = { reservationId: newReservationId(), ownerId: 'o', lines, lifetime: undefined };
    await service.transactions.reservations.reserveStock(request);
    const too = adjust({ onHandChange: -3, reason: StockReason.COUNTED });
    const said = await rejectsWith(too, 'FAILED_PRECONDITION', 'STOCK_INSUFFICIENT');
    assert.equal(said.metadata?.available, '2');
    assert.equal(said.fields[0]?.field, 'on_hand_change');
    await adjust({ onHandChange: -2, reason: StockReason.COUNTED });
    assert.deepEqual(await stockOf(service, shop, ids), [[8, 8, 0, 0]]);
  });

  it('counts once for each adjustment id, ten times at once, and refuses the id for another one', async () => {
    const adjustmentId = typeid('adj').toString();
    await Promise.all(Array.from({ length: 10 }, () => adjust({ adjustmentId, onHandChange: 5 })));
    assert.deepEqual(await stockOf(service, shop, ids), [[15, 0, 15, 0]]);
    await rejectsWith(adjust({ adjustmentId, onHandChange: 6 }), 'ALREADY_EXISTS', 'ADJUSTMENT_MISMATCH');
  });

  it('counts one of two adjustments of different variants that have the same id at once', async () => {
    const [other = ''] = await stockVariants(service, shop, 10);
    const adjustmentId = typeid('adj').toString();
    const both = await Promise.allSettled([adjust({ adjustmentId }), adjust({ adjustmentId, variantId: other })]);
    assert.equal(both.filter(({ status }) => status === 'fulfilled').length, 1);
    await rejectsWith(adjust({ adjustmentId, onHandChange: 9 }), 'ALREADY_EXISTS', 'ADJUSTMENT_MISMATCH');
  });

  it('counts once for each idempotency key of a user, and refuses the key for another request', async () => {
    const withKey = (key: string, who = shop.owner) => {
      const metadata = who.metadata.clone();
      metadata.set('idempotency-key', key);
      return { metadata };
    };
    const first = await adjust({ onHandChange: 2 }, withKey('k-1'));
    await adjust({ onHandChange: 1 });
    assert.deepEqual(await adjust({ onHandChange: 2 }, withKey('k-1')), first);
    assert.deepEqual(await stockOf(service, shop, ids), [[13, 0, 13, 0]]);
    await rejectsWith(adjust({ onHandChange: 3 }, withKey('k-1')), 'INVALID_ARGUMENT', 'IDEMPOTENCY_KEY_REUSED');
    const many = await Promise.allSettled(Array.from({ length: 10 }, () => adjust({}, withKey('k-2'))));
    assert.ok(many.some(({ status }) => status === 'fulfilled'));
    for (const one of many) {
      if (one.status === 'rejected') await rejectsWith(Promise.reject(one.reason), 'ABORTED', 'IDEMPOTENCY_KEY_IN_USE');
    }
    await adjust({}, withKey('k-2'));
    await rejectsWith(adjust({ onHandChange: -99 }, withKey('k-3')), 'FAILED_PRECONDITION', 'STOCK_INSUFFICIENT');
    await adjust({ onHandChange: -4 }, withKey('k-3'));
    assert.deepEqual(await stockOf(service, shop, ids), [[10, 0, 10, 0]]);
    const manager = newUserId();
    const role = { storeId: shop.storeId, userId: manager, role: StaffRole.MANAGER };
    await service.edge.staff.setStaffRole(role, shop.owner);
    await adjust({ onHandChange: 5 }, withKey('k-1', as(await service.users.token(manager))));
    assert.deepEqual(await stockOf(service, shop, ids), [[15, 0, 15, 0]]);
  });

  it('has its key free again when the client left before the stock was changed', async () => {
    const metadata = shop.owner.metadata.clone();
    metadata.set('idempotency-key', 'k-left');
    const left = new AbortController();
    const orm = openOrm(service.config.DATABASE_URL);
    await orm.em.fork().transactional(async (em) => {
      await em.execute('SELECT 1 FROM stock WHERE variant_id = ? FOR UPDATE', [writeId('var', ids[0] ?? '')]);
      const waiting = adjust({}, { metadata, signal: left.signal } as typeof shop.owner);
      setTimeout(() => left.abort(), 200);
      await assert.rejects(waiting);
      await new Promise((resolve) => setTimeout(resolve, 500));
    });
    await orm.close();
    await adjust({}, { metadata });
    assert.deepEqual(await stockOf(service, shop, ids), [[11, 0, 11, 0]]);
  });

  it('is for clerks, and not for strangers', async () => {
    const clerkId = newUserId();
    const clerk = as(await service.users.token(clerkId));
    await rejectsWith(adjust({}, clerk), 'NOT_FOUND', 'VARIANT_NOT_FOUND');
    await service.edge.staff.setStaffRole(
      { storeId: shop.storeId, userId: clerkId, role: StaffRole.CLERK },
      shop.owner,
    );
    await adjust({}, clerk);
    const [newest] = await entries();
    assert.equal(newest?.actor, clerkId);
    const stranger = as(await service.users.token());
    const peek = service.edge.stock.batchGetStock({ variantIds: ids }, stranger);
    await rejectsWith(peek, 'NOT_FOUND', 'VARIANT_NOT_FOUND');
  });

  it('refuses reasons that are not for people, and a change of nothing', async () => {
    await rejectsWith(adjust({ reason: StockReason.SOLD }), 'INVALID_ARGUMENT', 'MESSAGE_INVALID');
    await rejectsWith(adjust({ onHandChange: 0 }), 'INVALID_ARGUMENT', 'MESSAGE_INVALID');
    const said = await rejectsWith(adjust({ onHandChange: 1_000_000_000 }), 'FAILED_PRECONDITION', 'STOCK_TOO_MUCH');
    assert.equal(said.fields[0]?.field, 'on_hand_change');
  });

  it('leaves a log from which the figures can be rebuilt, and a check sees when they cannot', async () => {
    const orm = openOrm(service.databaseUrl);
    await adjust({ onHandChange: 7 });
    assert.deepEqual(await findStockFaults(orm), []);
    await service.sql(
      'UPDATE stock SET on_hand = on_hand + 1 WHERE product_id = (SELECT product_id FROM variants ORDER BY variant_id DESC LIMIT 1)',
    );
    const faults = await findStockFaults(orm);
    await orm.close();
    assert.deepEqual(
      faults.map(({ variantId, stock, entries: sums }) => [variantId, stock.onHand, sums.onHand]),
      [[ids[0], 18, 17]],
    );
    await adjust({ onHandChange: 1 });
  });

  it('lists entries newest first, whatever ids callers choose for their adjustments', async () => {
    const chosen = ['adj_7zzzzzzzzzzzzzzzzzzzzzzzzz', 'adj_00000000000000000000000000'];
    for (const [at, adjustmentId] of chosen.entries()) await adjust({ adjustmentId, onHandChange: at + 1 });
    await adjust({ onHandChange: 3 });
    assert.deepEqual(
      (await entries()).map(({ onHandChange }) => onHandChange),
      [3, 2, 1, 10],
    );
    const again = await adjust({ adjustmentId: chosen[0] ?? '', onHandChange: 1 });
    assert.deepEqual([again.entry, again.stock?.onHand], [(await entries())[2], 16]);
  });

  it('counts nothing twice that the version before writes, whose entries have the ids of their adjustments', async () => {
    const [variantId = ''] = ids;
    const writeAsBefore = (adjustmentId: string) =>
      service.sql(
        `INSERT INTO stock_entries (entry_id, variant_id, reason, on_hand_change, reserved_change, actor, note, create_time)
          VALUES (?, ?, 'received', 1, 0, ?, '', NOW(3))`,
        [writeId('adj', adjustmentId), writeId('var', variantId), shop.ownerId],
      );
    const [ours, theirs] = [typeid('adj').toString(), typeid('adj').toString()];
    await adjust({ adjustmentId: ours });
    await assert.rejects(writeAsBefore(ours), { code: 'ER_DUP_ENTRY' });
    await writeAsBefore(theirs);
    await service.sql('UPDATE stock SET on_hand = on_hand + 1 WHERE variant_id = ?', [writeId('var', variantId)]);
    await adjust({ adjustmentId: theirs });
    assert.deepEqual(await stockOf(service, shop, ids), [[12, 0, 12, 0]]);
  });

  it('pages through the log', async () => {
    for (let at = 0; at < 4; at += 1) await adjust({});
    const seen: string[] = [];
    let pageToken = '';
    do {
      const request = { variantId: ids[0] ?? '', pageSize: 2, pageToken };
      const page = await service.edge.stock.listStockEntries(request, shop.owner);
      seen.push(...page.entries.map(({ entryId }) => entryId));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    assert.deepEqual([seen.length, new Set(seen).size], [5, 5]);
  });
});

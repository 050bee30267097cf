import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { typeid } from 'typeid-js';
import { transferIdOf } from '../../src/domain/ids.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { balances } from '../support/shop.ts';
import { newUserId } from '../support/users.ts';

const HOUR_MS = 3_600_000;

describe('The worker that ends pending transfers', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService();
  });
  // These transfers are of no payments.
  after(() => service.stop('ledger alone'));

  it('voids those whose time is over, and no others', async () => {
    const storeId = service.stores.open(newUserId());
    const [short, long] = [await pend(storeId, HOUR_MS), await pend(storeId, 3 * HOUR_MS)];
    assert.deepEqual(await balances(service, storeId), { 'store-payable pending': 2_000 });
    service.clock.advance(2 * HOUR_MS);
    while ((await balances(service, storeId))['store-payable pending'] !== 1_000) await sleep(20);
    assert.deepEqual(await service.ledgerFaults(true), []);
    const end = (pendingId: string) => ({
      transferId: transferIdOf(newReference(), ['end']),
      pendingId,
      kind: 'capture',
    });
    await assert.rejects(
      service.onLedger((ledger) => ledger.postPending(end(short), 1_000n)),
      { reason: 'PENDING_TRANSFER_ENDED' },
    );
    await service.onLedger((ledger) => ledger.postPending(end(long), 400n));
    assert.deepEqual(await balances(service, storeId), { 'store-payable': 400 });
    assert.deepEqual(await service.ledgerFaults(true), []);
  });

  async function pend(storeId: string, lifetimeMs: number): Promise<string> {
    const reference = newReference();
    const transferId = transferIdOf(reference, ['authorise']);
    const expireTime = new Date(service.clock.now().getTime() + lifetimeMs);
    await service.onLedger((ledger) =>
      ledger.pend({
        ...{ transferId, kind: 'authorise', reference, amountMinor: 1_000n, expireTime },
        debit: { owner: newUserId(), purpose: 'customer-receivable', currencyCode: 'EUR' },
        credit: { owner: storeId, purpose: 'store-payable', currencyCode: 'EUR' },
      }),
    );
    return transferId;
  }
});

function newReference(): string {
  return typeid('run').toString();
}

import assert from 'node:assert/strict';
import { RequestContext } from '@mikro-orm/core';
import { type Orm, openOrm } from '../../src/data/orm.ts';
import { createPurchases } from '../../src/data/purchases/purchases.repository.ts';
import { buy, openShelf } from '../support/purchases.ts';
import { startTestService, type TestService } from '../support/service.ts';

/** For the service's clock nothing is ever due: its workers leave the purchases alone. */
const NOW = new Date('2001-01-01');
const LATER = new Date('2001-01-02');

describe('A purchase that waits', () => {
  let service: TestService;
  let orm: Orm;
  before(async () => {
    service = await startTestService({}, { clock: { now: () => NOW } });
    orm = openOrm(service.config.DATABASE_URL);
  });
  after(async () => {
    await orm.close();
    await service.stop();
  });

  const run = <Result>(work: () => Promise<Result>) => RequestContext.create(orm.em, work);

  it('is due when it was woken while its step was taken, and put off otherwise', async () => {
    const purchases = createPurchases(orm);
    const { shop, variantId } = await openShelf(service, 'tok_challenge', 1);
    const { purchaseId } = await buy(service, shop, [{ variantId, quantity: 1 }]);
    const read = async () => {
      const purchase = await run(() => purchases.read(purchaseId));
      assert.ok(purchase);
      return purchase;
    };
    const before = await read();
    await run(() => purchases.wake(purchaseId, NOW));
    await run(() => purchases.putOff(before, LATER, ''));
    assert.deepEqual((await read()).nextStepTime, NOW);
    await run(async () => purchases.putOff(await read(), LATER, ''));
    assert.deepEqual((await read()).nextStepTime, LATER);
  });
});

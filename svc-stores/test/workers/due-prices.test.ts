import assert from 'node:assert/strict';
import { DUE_PRICES } from '../../src/data/catalog-jobs.ts';
import { openOrm } from '../../src/data/orm.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { newProduct, openShop, publish } from '../support/shop.ts';

describe('Due prices', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService({ workers: false });
  });
  after(() => service.stop());

  it('are passed over by a replica while another refreshes them', async () => {
    await publish(service, await openShop(service), newProduct());
    await service.sql("UPDATE catalog SET next_price_time = '2001-01-01'");
    const orm = openOrm(service.databaseUrl);
    const [one, other] = [orm.em.fork(), orm.em.fork()];
    await one.begin();
    assert.equal((await one.execute(DUE_PRICES, [new Date()])).length, 1);
    assert.equal((await other.execute(DUE_PRICES, [new Date()])).length, 0);
    await one.rollback();
    await orm.close();
  });
});

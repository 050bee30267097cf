import assert from 'node:assert/strict';
import { typeid } from 'typeid-js';
import { buy, openShelf } from './support/purchases.ts';
import { startTestService, type TestService } from './support/service.ts';
import { assertSound } from './support/shop.ts';

const HOUR_MS = 3_600_000;

describe('The metrics of svc-transactions', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService({ METRICS_PORT: 0 });
  });
  afterEach(() => assertSound(service));
  after(() => service.stop());

  it('count calls by method and code, and tell what waits and what is stuck', async () => {
    const { shop, variantId } = await openShelf(service, 'tok_challenge', 5);
    const { purchaseId } = await buy(service, shop, [{ variantId, quantity: 1 }]);
    const unknown = { purchaseId: typeid('pur').toString() };
    await service.edge.purchases.getPurchase(unknown, shop.customer()).catch(() => undefined);
    // Before its time is over: nobody gives it up meanwhile.
    await service.sql("UPDATE purchases SET next_step_time = '2100-01-01'");
    service.clock.advance(HOUR_MS);
    const text = await (await fetch(`http://127.0.0.1:${service.metricsPort}/metrics`)).text();
    const of = (method: string, code: string) =>
      `grpc_type="unary",grpc_service="malla.transactions.v1.PurchasesService",grpc_method="${method}",grpc_code="${code}"`;
    assert.ok(text.includes(`grpc_server_handled_total{${of('CreatePurchase', 'OK')}} 1\n`), text);
    assert.ok(text.includes(`grpc_server_handling_seconds_count{${of('GetPurchase', 'NotFound')}} 1\n`));
    for (const gauge of [
      'payments_outcome_unknown{kind="authorise"}',
      'provider_notifications_waiting',
      'restocks_waiting',
    ])
      assert.match(text, new RegExp(`^malla_${gauge} 0$`, 'm'));
    for (const gauge of ['provider_operations_waiting', 'webhook_events_waiting', 'webhook_deliveries_waiting'])
      assert.match(text, new RegExp(`^malla_${gauge} \\d+$`, 'm'));
    assert.ok(text.includes('malla_purchases_stuck{state="reserved"} 1\n'));
    assert.ok(text.includes('malla_purchases_stuck{state="confirmed"} 0\n'));
    assert.ok(!text.includes(purchaseId));
    await service.edge.purchases.cancelPurchase({ purchaseId }, shop.customer()).catch(() => undefined);
  });
});

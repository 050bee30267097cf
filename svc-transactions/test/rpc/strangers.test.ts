import assert from 'node:assert/strict';
import { answerWithoutIds, reachableRpcs } from '@malla/chassis/testing/existence';
import { mallaContract, type RpcContract } from '@malla/proto/contract';
import { PurchaseState } from '@malla/proto/malla/transactions/v1/purchase';
import { typeid } from 'typeid-js';
import { as } from '../support/clients.ts';
import { HIDDEN, type HiddenIds } from '../support/hidden.ts';
import { buy, openShelf, until } from '../support/purchases.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { newEndpoint, sendTest } from '../support/webhooks.ts';

describe('what strangers hear of what is not theirs', () => {
  const rpcs = reachableRpcs(mallaContract(), 'malla.transactions.v1');
  let service: TestService;
  let real: HiddenIds;
  let never: HiddenIds;
  before(async () => {
    service = await startTestService({ PROVIDER_TIMEOUT_MS: 10_000 });
    const { shop, variantId } = await openShelf(service, 'tok_success', 9);
    const { purchaseId } = await buy(service, shop, [{ variantId, quantity: 1 }]);
    const { paymentId } = await until(service, shop, purchaseId, ({ state }) => state === PurchaseState.CAPTURED);
    const { paymentMethods } = await service.edge.methods.listPaymentMethods({}, shop.customer());
    const { webhookEndpointId } = await newEndpoint(service, shop, 'https://8.8.8.8/hooks');
    const { eventId } = await sendTest(service, shop, webhookEndpointId);
    const { accounts } = await service.edge.ledger.getStoreBalances({ storeId: shop.storeId }, shop.owner());
    real = {
      purchase: purchaseId,
      payment: paymentId,
      method: paymentMethods[0]?.paymentMethodId ?? '',
      endpoint: webhookEndpointId,
      event: eventId,
      account: accounts[0]?.accountId ?? '',
      store: shop.storeId,
      variant: variantId,
    };
    const fresh = (id: string) => typeid(id.slice(0, id.lastIndexOf('_'))).toString();
    const { store, variant, ...hidden } = real;
    const others = Object.entries(hidden).map(([name, id]) => [name, fresh(id)]);
    never = { ...Object.fromEntries(others), store, variant };
    assert.ok(Object.values(real).every((id) => id !== ''));
  });
  after(() => service.stop());

  it('has a request or a reason for every RPC of the contract', () => {
    assert.deepEqual(Object.keys(HIDDEN).sort(), [...rpcs.keys()].sort());
  });

  for (const [name, requestOf] of Object.entries(HIDDEN)) {
    if (typeof requestOf === 'string') continue;
    it(`${name} answers alike for what there is and what there is not`, async () => {
      const rpc = rpcs.get(name) as RpcContract;
      const ask = requestOf as Parameters<typeof answerWithoutIds>[2];
      const stranger = as(await service.users.token());
      const answerOf = (ids: HiddenIds) => answerWithoutIds(service.edge.channel, rpc, ask, ids, stranger);
      const ofReal = await answerOf(real);
      assert.equal(ofReal, await answerOf(never));
      assert.doesNotMatch(ofReal, /MESSAGE_INVALID|ROLE_MISSING/);
    });
  }
});

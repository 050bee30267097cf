import assert from 'node:assert/strict';
import { listen, type ServerSentEvent, take } from '../support/events.ts';
import { call } from '../support/http.ts';
import { ok, openStore, type Shop, sellLamp } from '../support/shop.ts';

/** Who resumes goes on after the last event it saw, and nothing is lost in between. */
describe('the feed of the catalogue', () => {
  let shop: Shop;
  let path: string;
  beforeEach(async () => {
    shop = await openStore();
    path = `/v1/stores/catalog:watch?storeId=${shop.storeId}`;
  });

  const adjust = async (variantId: string, onHandChange: number) => {
    const body = { onHandChange, reason: onHandChange > 0 ? 'STOCK_REASON_RECEIVED' : 'STOCK_REASON_DAMAGED' };
    ok(await call('POST', `/v1/stores/variants/${variantId}/stock:adjust`, { token: shop.token, body }));
  };
  const changeOf = ({ data }: ServerSentEvent) => data.change as { kind: string; productId: string };

  it('goes on after the event that the header Last-Event-ID names', async () => {
    const first = await sellLamp(shop);
    const second = await sellLamp(shop);
    const [seen] = await take(listen(path), 1);
    assert.equal(seen && changeOf(seen).productId, first.productId);
    const third = await sellLamp(shop);
    const later = await take(listen(path, seen?.id), 2);
    assert.deepEqual(
      later.map((event) => changeOf(event).productId),
      [second.productId, third.productId],
    );
    const last = await take(listen(path, later[0]?.id), 1);
    assert.deepEqual(last[0], later[1]);
  });

  it('refuses a Last-Event-ID that no event had', async () => {
    const answer = await call('GET', path, { headers: { accept: 'text/event-stream', 'last-event-id': 'soon' } });
    assert.equal(answer.status, 400, JSON.stringify(answer.body));
  });

  it('tells when a product is sold out and when it is there again, and of no other change of its stock', async () => {
    const { productId, variantId } = await sellLamp(shop);
    const watching = take(listen(path), 3);
    await adjust(variantId, -1);
    await adjust(variantId, -2);
    const isSoldOut = await take(listen(path), 2);
    assert.equal(changeOf(isSoldOut[1] as ServerSentEvent).kind, 'CATALOG_CHANGE_KIND_OUT_OF_STOCK');
    await adjust(variantId, 1);
    assert.deepEqual(
      (await watching).map((event) => [changeOf(event).kind, changeOf(event).productId]),
      ['PUBLISHED', 'OUT_OF_STOCK', 'IN_STOCK'].map((kind) => [`CATALOG_CHANGE_KIND_${kind}`, productId]),
    );
  });
});

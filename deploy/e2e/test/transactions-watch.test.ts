import assert from 'node:assert/strict';
import { request } from 'undici';
import { buy, newCustomer } from '../support/customer.ts';
import { listen, type ServerSentEvent, take } from '../support/events.ts';
import { assertProblem, call } from '../support/http.ts';
import { ok, openStore, sellLamp } from '../support/shop.ts';

describe('a purchase that is followed', () => {
  it('is heard of by server-sent events until it is captured, also over a connection that broke', async () => {
    const { variantId } = await sellLamp(await openStore());
    const token = await newCustomer('tok_challenge');
    const { purchaseId } = ok(await buy(token, variantId, 1));
    const path = `/v1/transactions/purchases/${purchaseId}:watch`;
    const known = await take(listen(path, undefined, token), 2);
    assert.deepEqual(known.map(stateOf), ['PURCHASE_STATE_CREATED', 'PURCHASE_STATE_RESERVED']);

    const resumed = listen(path, known[0]?.id, token);
    assert.deepEqual((await resumed.next()).value, known[1]);
    const challenged: ServerSentEvent = (await resumed.next()).value;
    await (await request(`${actionUrlOf(challenged)}/pass`, { method: 'POST' })).body.dump();
    const rest: ServerSentEvent[] = [];
    for await (const event of resumed) rest.push(event);
    assert.equal(rest.pop()?.type, 'end');
    assert.deepEqual(rest.map(stateOf), [
      'PURCHASE_STATE_AUTHORISED',
      'PURCHASE_STATE_CONFIRMED',
      'PURCHASE_STATE_CAPTURED',
    ]);
    const stranger = await newCustomer('tok_success');
    assertProblem(await call('GET', path, { token: stranger }), 404, 'PURCHASE_NOT_FOUND');
  });
});

/** The event says where to go, so that an app need not poll the payment. */
const actionUrlOf = (event: ServerSentEvent) =>
  (event.data.change as { requiresAction?: { actionUrl: string } }).requiresAction?.actionUrl;
const stateOf = ({ data }: ServerSentEvent) => (data.change as { state: string }).state;

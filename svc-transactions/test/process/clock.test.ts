import assert from 'node:assert/strict';
import { mesh } from '@malla/chassis/testing/certificates';
import { PurchaseState } from '@malla/proto/malla/transactions/v1/purchase';
import { type Clients, connect } from '../support/clients.ts';
import { rejectsWith } from '../support/expect.ts';
import { environmentOf, kill, type RunningProcess, startProcess } from '../support/processes.ts';
import { buy, openShelf } from '../support/purchases.ts';
import { startReceiver } from '../support/receiver.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { deliveryThat, isDelivered, newEndpoint, sendTest } from '../support/webhooks.ts';

const HOUR_MS = 3_600_000;
const PURCHASES = 4;

describe('A replica whose clock is wrong', () => {
  /** Makes the database and the neighbours. For its clock nothing is ever due. */
  let service: TestService;
  const started: RunningProcess[] = [];
  before(async () => {
    service = await startTestService({}, { clock: { now: () => new Date('2001-01-01') } });
  });
  afterEach(() => Promise.all(started.splice(0).map(kill)));
  after(() => service.stop());

  for (const shiftMs of [HOUR_MS, -HOUR_MS]) {
    it(`by ${shiftMs} ms takes no call, and its healthy twin sells and delivers webhooks as ever`, async () => {
      const wrong = await startReplica(shiftMs);
      const healthy = await startReplica(0);
      const { shop, variantId } = await openShelf({ ...service, edge: healthy }, 'tok_success', PURCHASES);
      const receiver = await startReceiver();
      receiver.answer((_, response) => void response.writeHead(204).end());
      const twin = { ...service, edge: healthy };
      const { webhookEndpointId } = await newEndpoint(twin, shop, receiver.url());
      for (let at = 0; at < PURCHASES; at += 1) {
        const { state, reason } = await buy(twin, shop, [{ variantId, quantity: 1 }]);
        assert.deepEqual([state, reason], [PurchaseState.CAPTURED, '']);
        await deliveryThat(twin, shop, await sendTest(twin, shop, webhookEndpointId), isDelivered);
      }
      await receiver.stop();
      const call = wrong.purchases.getPurchase({ purchaseId: 'pur_01h455vb4pex5vsknk084sn02q' }, shop.customer());
      await rejectsWith(call, 'UNAVAILABLE', 'CLOCK_OFF');
    });
  }

  async function startReplica(shiftMs: number): Promise<Clients> {
    const shift = { NODE_OPTIONS: '--import ./test/support/shift-date.ts', SHIFT_DATE_MS: String(shiftMs) };
    const certificates = { NODE_EXTRA_CA_CERTS: service.config.TLS_CA_FILE };
    const env = { ...environmentOf(service.config), ...certificates, ...shift };
    const process = await startProcess('src/main.ts', env);
    started.push(process);
    return connect(`dns:///127.0.0.1:${process.port}`, await (await mesh).issue('edge-gateway'));
  }
});

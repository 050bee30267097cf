import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { mesh } from '@malla/chassis/testing/certificates';
import { connect } from '../support/clients.ts';
import { environmentOf, kill, type RunningProcess, startProcess } from '../support/processes.ts';
import { type Receiver, startReceiver, verified } from '../support/receiver.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { openShop } from '../support/shop.ts';
import { deliveriesOf, deliveryThat, isDelivered, newEndpoint, sendTest } from '../support/webhooks.ts';

const WEBHOOK_TIMEOUT_MS = 500;

describe('Webhooks, while processes end', () => {
  /** Makes the database and the neighbours. For its clock nothing is ever due. */
  let service: TestService;
  let receiver: Receiver;
  const replicas: RunningProcess[] = [];
  before(async () => {
    service = await startTestService({ WEBHOOK_TIMEOUT_MS }, { clock: { now: () => new Date('2001-01-01') } });
  });
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(async () => {
    await Promise.all(replicas.splice(0).map(kill));
    await receiver.stop();
  });
  after(() => service.stop());

  it('are sent again by another when one dies between the message and its answer', async () => {
    const mortal = await startReplica();
    const shop = await openShop(service);
    const { webhookEndpointId, secret } = await newEndpoint(mortal.service, shop, receiver.url());
    const died = Promise.withResolvers<void>();
    receiver.answer(async () => {
      await kill(mortal.process);
      died.resolve();
    });
    const sent = await sendTest(mortal.service, shop, webhookEndpointId);
    await died.promise;
    receiver.answer((_, response) => void response.writeHead(204).end());
    const heir = await startReplica();
    await deliveryThat(heir.service, shop, sent, isDelivered);
    assert.deepEqual(
      receiver.received.map((message) => verified(message, secret).id),
      [sent.eventId, sent.eventId],
    );
  });

  it('come at least once, whoever is killed and whenever', async () => {
    const first = await startReplica();
    const shop = await openShop(service);
    const { webhookEndpointId, secret } = await newEndpoint(first.service, shop, receiver.url());
    const sent: string[] = [];
    let current = first;
    for (let crash = 0; crash < 2; crash += 1) {
      for (let at = 0; at < 25; at += 1) sent.push((await sendTest(current.service, shop, webhookEndpointId)).eventId);
      await sleep(Math.random() * 300);
      await kill(current.process);
      current = await startReplica();
    }
    for (const eventId of sent) await deliveryThat(current.service, shop, { webhookEndpointId, eventId }, isDelivered);
    const came = new Set(receiver.received.map((message) => verified(message, secret).id));
    assert.deepEqual([...came].sort(), sent.toSorted());
    assert.equal((await deliveriesOf(current.service, shop, webhookEndpointId)).length, sent.length);
  });

  it('are written down before a process exits at SIGTERM', async () => {
    const leaving = await startReplica();
    const shop = await openShop(service);
    const [arrived, answered] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    receiver.answer(async (_, response) => {
      arrived.resolve();
      await answered.promise;
      response.writeHead(204).end();
    });
    const { webhookEndpointId } = await newEndpoint(leaving.service, shop, receiver.url());
    const sent = await sendTest(leaving.service, shop, webhookEndpointId);
    await arrived.promise;
    const gone = once(leaving.process.process, 'exit');
    leaving.process.process.kill('SIGTERM');
    answered.resolve();
    assert.deepEqual(await gone, [0, null]);
    const { attempts } = await deliveryThat(service, shop, sent, isDelivered);
    assert.deepEqual([attempts, receiver.received.length], [1, 1]);
  });

  async function startReplica() {
    const certificates = { NODE_EXTRA_CA_CERTS: service.config.TLS_CA_FILE };
    const process = await startProcess('src/main.ts', { ...environmentOf(service.config), ...certificates });
    replicas.push(process);
    const edge = connect(`dns:///127.0.0.1:${process.port}`, await (await mesh).issue('edge-gateway'));
    return { process, service: { ...service, edge } };
  }
});

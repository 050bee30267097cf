import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { isServiceError, readStatus } from '@malla/chassis/status';
import { mesh } from '@malla/chassis/testing/certificates';
import { PaymentState } from '@malla/proto/malla/transactions/v1/payment';
import { type Purchase, PurchaseState } from '@malla/proto/malla/transactions/v1/purchase';
import type { SandboxPayment } from '../../src/sandbox/store.ts';
import { connect } from '../support/clients.ts';
import { environmentOf, kill, type RunningProcess, startProcess } from '../support/processes.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { assertSound, newPayment, openShop, type Shop, settled } from '../support/shop.ts';

const SHOPPERS = 10;
/** Of every shopper. */
const PAYMENTS_EACH = 2;
const PURCHASES_EACH = 2;
const UNITS = 14;
/** A replica, another replica, and the sandbox. */
const CRASHES = 3;
const FINAL: readonly PurchaseState[] = [PurchaseState.CAPTURED, PurchaseState.FAILED];
const TOKENS = ['tok_success', 'tok_answer_lost', 'tok_notified_early', 'tok_notified_reversed', 'tok_card_declined'];

describe('Payments and purchases, while processes are killed', function () {
  this.timeout(120_000);
  /** Makes the database and the neighbours, and looks at the end. Clients do not call it. */
  let service: TestService;
  const replicas: RunningProcess[] = [];
  let sandbox: RunningProcess;
  let sandboxPort: number;
  before(async () => {
    sandboxPort = await freePort();
    service = await startTestService({ SANDBOX_URL: `http://127.0.0.1:${sandboxPort}`, PROVIDER_TIMEOUT_MS: 500 });
  });
  after(async () => {
    await Promise.all([...replicas, sandbox].filter(Boolean).map(kill));
    await service.stop();
  });

  it('end, and agree with the provider and the ledger to the unit', async () => {
    sandbox = await startSandboxProcess();
    for (let at = 0; at < 2; at += 1) replicas.push(await startReplica(0));
    const target = `ipv4:${replicas.map(({ port }) => `127.0.0.1:${port}`).join(',')}`;
    const edge = connect(target, await (await mesh).issue('edge-gateway'));
    service.sandbox.connect(edge);
    const mortal = { ...service, edge };

    const variantId = service.stores.shelves.put((await openShop(service)).storeId, UNITS);
    const buying = Promise.all(Array.from({ length: SHOPPERS }, () => buy(mortal, variantId)));
    const shopping = Promise.all(Array.from({ length: SHOPPERS }, () => pay(mortal)));
    for (let crash = 0; crash < CRASHES; crash += 1) {
      await sleep(400);
      if (crash % 3 === 2) {
        await kill(sandbox);
        sandbox = await startSandboxProcess();
      } else {
        const victim = replicas[crash % 2] as RunningProcess;
        await kill(victim);
        replicas[crash % 2] = await startReplica(victim.port);
      }
    }
    const bought = (await shopping).flat();
    const purchases = (await buying).flat();

    for (const { shop: of, paymentId } of bought) {
      const payment = await settledAnyhow(mortal, of, paymentId);
      assert.ok([PaymentState.CAPTURED, PaymentState.FAILED].includes(payment.state as 5 | 8), `${payment.state}`);
      const own = (await records()).filter(({ reference }) => reference === paymentId);
      assert.equal(own.length, 1);
      assert.equal(BigInt(own[0]?.captured ?? -1), payment.captured?.amountMinor);
    }
    assert.equal(bought.length, SHOPPERS * PAYMENTS_EACH);
    assert.ok((await records()).length <= bought.length + purchases.length);
    await assertSold(purchases, variantId);
    await assertSound(service);
  });

  /** Stock, purchases and the provider agree: nothing is charged that is not sold, and nothing sold that is not charged. */
  async function assertSold(purchases: readonly Purchase[], variantId: string): Promise<void> {
    const captured = purchases.filter(({ state }) => state === PurchaseState.CAPTURED);
    const { onHand, reserved, sold } = service.stores.shelves.variant(variantId);
    assert.deepEqual({ onHand, reserved, sold }, { onHand: 0, reserved: 0, sold: UNITS });
    assert.equal(captured.length, UNITS);
    const charged = (await records()).filter(({ captured: minor }) => minor > 0).map(({ reference }) => reference);
    for (const { state, paymentId } of purchases) {
      assert.equal(charged.filter((one) => one === paymentId).length, state === PurchaseState.CAPTURED ? 1 : 0);
    }
  }

  /** Buys until it has bought enough, or there is nothing left. */
  async function buy(mortal: TestService, variantId: string): Promise<Purchase[]> {
    const own = await openShop(mortal);
    await untilAnswered(() => mortal.edge.methods.attachPaymentMethod({ token: 'tok_success' }, own.customer()));
    const bought: Purchase[] = [];
    for (let at = 0; at < PURCHASES_EACH; at += 1) {
      const options = own.customer(randomUUID());
      const basket = { lines: [{ variantId, quantity: 1 }], currencyCode: '', paymentMethodId: '' };
      const request = { ...basket, expectedTotal: undefined };
      const created = await untilAnswered(() =>
        mortal.edge.purchases.createPurchase(request, options).catch((error: unknown) => {
          if (isServiceError(error) && readStatus(error).reason === 'LINES_UNSERVABLE') return { purchase: undefined };
          throw error;
        }),
      );
      if (created.purchase) bought.push(await final(mortal, own, created.purchase.purchaseId));
    }
    return bought;
  }

  async function final(mortal: TestService, of: Shop, purchaseId: string): Promise<Purchase> {
    for (;;) {
      const { purchase } = await untilAnswered(() => mortal.edge.purchases.getPurchase({ purchaseId }, of.customer()));
      if (purchase && FINAL.includes(purchase.state)) return purchase;
      await sleep(100);
    }
  }

  async function pay(mortal: TestService) {
    const bought: { shop: Shop; paymentId: string }[] = [];
    const own = await openShop(mortal);
    for (let at = 0; at < PAYMENTS_EACH; at += 1) {
      const token = TOKENS[at % TOKENS.length] as string;
      const paymentId = await untilAnswered(() => newPayment(mortal, own, token));
      const key = randomUUID();
      const request = { paymentId, paymentMethodId: '' };
      await untilAnswered(() => mortal.edge.payments.confirmPayment(request, own.customer(key)));
      bought.push({ shop: own, paymentId });
    }
    return bought;
  }

  async function settledAnyhow(mortal: TestService, of: Shop, paymentId: string) {
    return untilAnswered(() => settled(mortal, of, paymentId));
  }

  /** A client that sends the same again until it is answered. */
  async function untilAnswered<Result>(send: () => Promise<Result>): Promise<Result> {
    for (;;) {
      const answer = await send().then(
        (result) => ({ result }),
        () => undefined,
      );
      if (answer) return answer.result;
      await sleep(100);
    }
  }

  function startReplica(port: number): Promise<RunningProcess> {
    return startProcess('src/main.ts', { ...environmentOf(service.config), GRPC_PORT: String(port) });
  }

  function startSandboxProcess(): Promise<RunningProcess> {
    return startProcess('src/sandbox/main.ts', {
      SANDBOX_PORT: String(sandboxPort),
      SANDBOX_DATABASE_FILE: service.sandbox.secondDatabaseFile,
      SANDBOX_API_KEY: service.sandbox.apiKey,
      SANDBOX_WEBHOOK_SECRET: service.sandbox.webhookSecret,
      SANDBOX_WEBHOOK_URL: service.sandbox.edgeUrl,
    });
  }

  async function records(): Promise<SandboxPayment[]> {
    const headers = { authorization: `Bearer ${service.sandbox.apiKey}` };
    return (await (await fetch(`http://127.0.0.1:${sandboxPort}/v1/payments`, { headers })).json()) as SandboxPayment[];
  }
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import { callUnary } from '@malla/chassis/channel';
import { isServiceError, readStatus } from '@malla/chassis/status';
import { mesh } from '@malla/chassis/testing/certificates';
import { mallaContract } from '@malla/proto/contract';
import { PurchaseState } from '@malla/proto/malla/transactions/v1/purchase';
import { PurchasesServiceService } from '@malla/proto/malla/transactions/v1/purchases_service';
import { TypeID } from 'typeid-js';
import { STEPS, type Step } from '../../src/domain/steps.ts';
import { connect } from '../support/clients.ts';
import { environmentOf, kill, type RunningProcess, startProcess } from '../support/processes.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { assertSound, openShop } from '../support/shop.ts';

const MORTAL = 'test/support/main-with-faults.ts';
/** Long enough for a process to start before the lease of the one that died is over, unless the machine is very busy. */
const PROVIDER_TIMEOUT_MS = 2_000;
const LEASE_MS = 4 * PROVIDER_TIMEOUT_MS;
const { createPurchase } = PurchasesServiceService;
const RPC = mallaContract().rpcs.get(createPurchase.path);

describe('A process that dies at a step', () => {
  let service: TestService;
  let folder: string;
  const started: RunningProcess[] = [];
  before(async () => {
    service = await startTestService({ PROVIDER_TIMEOUT_MS });
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faults-'));
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map(kill));
    await rm(folder, { recursive: true });
  });
  after(() => service.stop());

  it('is never one of src/main.ts, whatever its environment', async () => {
    await arm(folder, ...STEPS);
    const { port, process } = await start('src/main.ts', 0, folder);
    const send = await newCustomer(port);
    assert.equal((await send(randomUUID())).purchase?.state, PurchaseState.CAPTURED);
    assert.deepEqual([process.exitCode, process.signalCode], [null, null]);
    assert.deepEqual(await readdir(join(folder, 'reached')), []);
  });

  it('leaves the answer to who asks again, where it was written down', async () => {
    const { answer, refusals } = await dieAndAskAgain('create-purchase.answered');
    assert.equal(answer.replayed, 'true');
    assert.deepEqual(refusals, []);
  });

  const steps = ['create-purchase.quoted', 'create-purchase.written', 'create-purchase.to-be-answered'] as const;
  it(`leaves the key to who asks again when its lease is over, with one effect: ${steps.join(', ')}`, async () => {
    const begun = Date.now();
    const leave = async (step: Step) => {
      const { answer, refusals } = await dieAndAskAgain(step);
      assert.ok(Date.now() - begun >= LEASE_MS);
      assert.equal(answer.replayed, undefined);
      assert.ok(refusals.every((reason) => reason === 'IDEMPOTENCY_KEY_IN_USE'));
    };
    await Promise.all(steps.map(leave));
  });

  /** Buys from a process that dies at a step, and asks the next one with the same key until it answers. */
  async function dieAndAskAgain(step: Step) {
    const own = join(folder, step);
    await arm(own, step);
    const mortal = await start(MORTAL, 0, own);
    const gone = once(mortal.process, 'exit');
    const send = await newCustomer(mortal.port);
    const key = randomUUID();
    const lost = await send(key).catch((error: unknown) => error);
    assert.ok(isServiceError(lost) && lost.code === status.UNAVAILABLE, `${lost}`);
    assert.deepEqual(await gone, [null, 'SIGKILL']);
    await start(MORTAL, mortal.port, own);
    const refusals: string[] = [];
    for (;;) {
      const answer = await send(key).catch((error: unknown) => refusals.push(reasonOf(error)));
      if (typeof answer === 'object') {
        await assertOneEffect(answer.purchase);
        return { answer, refusals: refusals.filter(Boolean) };
      }
      await sleep(100);
    }
  }

  async function assertOneEffect(bought: Awaited<ReturnType<Awaited<ReturnType<typeof newCustomer>>>>['purchase']) {
    assert.equal(bought?.state, PurchaseState.CAPTURED);
    const own =
      'SELECT state FROM purchases WHERE user_id = (SELECT user_id FROM purchases WHERE purchase_id = UNHEX(?))';
    const purchaseId = TypeID.fromString(String(bought.purchaseId)).toUUID().replaceAll('-', '');
    assert.deepEqual(await service.sql(own, [purchaseId]), [{ state: 'captured' }]);
    const charged = (await service.sandbox.records()).filter(({ reference }) => reference === bought?.paymentId);
    assert.deepEqual(
      charged.map(({ captured }) => BigInt(captured)),
      [bought?.total?.amountMinor],
    );
    await assertSound(service);
  }

  /** Has processes die at some steps, once each, and at no others. */
  async function arm(inFolder: string, ...steps: Step[]): Promise<void> {
    await mkdir(join(inFolder, 'reached'), { recursive: true });
    const others = STEPS.filter((step) => !steps.includes(step));
    await Promise.all(others.map((step) => writeFile(join(inFolder, 'reached', step), '')));
  }

  async function start(script: string, port: number, faults: string): Promise<RunningProcess> {
    const env = { ...environmentOf(service.config), FAULTS_FOLDER: faults, GRPC_PORT: String(port) };
    const process = await startProcess(script, env);
    started.push(process);
    return process;
  }

  /** Somebody new with a card and a basket. @returns how to buy it with a key. */
  async function newCustomer(port: number) {
    const edge = connect(`dns:///127.0.0.1:${port}`, await (await mesh).issue('edge-gateway'));
    const shop = await openShop(service);
    await service.edge.methods.attachPaymentMethod({ token: 'tok_success' }, shop.customer());
    const lines = [{ variantId: service.stores.shelves.put(shop.storeId, 1), quantity: 1 }];
    const request = { lines, currencyCode: '', paymentMethodId: '', expectedTotal: undefined };
    return async (key: string) => {
      assert.ok(RPC);
      const sent = await callUnary(edge.channel, RPC, createPurchase.requestSerialize(request), shop.customer(key));
      const replayed = sent.metadata.get('idempotent-replayed')[0];
      return { ...createPurchase.responseDeserialize(sent.bytes), replayed };
    };
  }
});

/** Why a call was refused; empty when nobody was there. */
function reasonOf(error: unknown): string {
  if (isServiceError(error) && error.code === status.UNAVAILABLE) return '';
  return isServiceError(error) ? (readStatus(error).reason ?? error.message) : String(error);
}

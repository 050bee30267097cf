import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLogger } from '@malla/chassis/logger';
import { createVerifyLedger } from '../../src/data/ledger/verify/verify.ts';
import { accountIdOf } from '../../src/domain/ledger/account.ts';
import { createVerification } from '../../src/workers/verification.ts';
import { account, openTestLedger } from '../support/ledger.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { assertSound, confirm, newPayment, openShop } from '../support/shop.ts';

const INTERVAL_MS = 100;
const [FAULTS, TIME] = ['malla_ledger_faults', 'malla_ledger_verified_timestamp_seconds'];
const CHANGE =
  "UPDATE ledger_balances SET posted_minor = posted_minor + ? WHERE owner = ? AND purpose = 'store-payable'";

interface Line {
  readonly level: string;
  readonly msg: string;
  readonly kind?: string;
}

describe('The job that verifies the ledger', () => {
  let service: TestService;
  const lines: Line[] = [];
  const written = new EventEmitter();
  before(async () => {
    const write = (text: string) => {
      lines.push(JSON.parse(text) as Line);
      written.emit('line');
    };
    const log = createLogger('svc-transactions', 'info', { write });
    const soon = { LEDGER_VERIFY_INTERVAL_MS: INTERVAL_MS, LEDGER_VERIFY_FIRST_WITHIN_MS: INTERVAL_MS };
    service = await startTestService({ ...soon, METRICS_PORT: 0 }, { log });
  });
  after(() => service.stop());

  it('says as an error what does not add up, and shows that until it does', async () => {
    const shop = await openShop(service);
    await confirm(service, shop, await newPayment(service, shop, 'tok_success'));
    await faultsAre(0);
    assert.deepEqual(alarms(), []);

    await service.sql(CHANGE, [1, shop.storeId]);
    while (alarms().length < 2) await once(written, 'line');
    await faultsAre(2);
    const [sum, balance] = alarms();
    const subject = accountIdOf(account(shop.storeId, 'store-payable'));
    const about = { level: 'error', msg: 'the ledger does not add up' };
    assert.partialDeepStrictEqual(sum, { ...about, kind: 'currency-sum', subject: 'EUR', expected: '0', actual: '1' });
    const amounts = { expected: '9750', actual: '9751' };
    assert.partialDeepStrictEqual(balance, { ...about, kind: 'balance', subject, ...amounts });

    await service.sql(CHANGE, [-1, shop.storeId]);
    await faultsAre(0);
    assert.ok(Number(await metric(service, TIME)) > 0);
    await assertSound(service);
  });

  const alarms = () => lines.filter(({ kind }) => kind !== undefined);

  async function faultsAre(count: number): Promise<void> {
    while ((await metric(service, FAULTS)) !== count) await sleep(INTERVAL_MS / 2);
  }
});

describe('The first verification of the ledger', () => {
  it('follows the start soon, however long it is to the next one', async () => {
    const service = await startTestService({ LEDGER_VERIFY_FIRST_WITHIN_MS: INTERVAL_MS, METRICS_PORT: 0 });
    while ((await metric(service, TIME)) === 0) await sleep(INTERVAL_MS / 2);
    assert.equal(await metric(service, FAULTS), 0);
    await service.stop();
  });

  it('is missed by its time, which is 0 until then, and by the faults, of which there is no number', async () => {
    const service = await startTestService({ METRICS_PORT: 0 });
    assert.equal(await metric(service, TIME), 0);
    assert.equal(await metric(service, FAULTS), undefined);
    await service.stop();
  });

  it('is given up when the process is to stop, and is no error then', async () => {
    const ledger = await openTestLedger();
    const lines: string[] = [];
    const log = createLogger('svc-transactions', 'info', { write: (line: string) => void lines.push(line) });
    const verification = createVerification(createVerifyLedger(ledger.orm, 'sandbox'), ledger.clock, log);
    await ledger.inContext(() => verification.run(AbortSignal.abort()));
    assert.deepEqual(await verification.gauges[1]?.read(), [{ value: 0 }]);
    await ledger.inContext(() => verification.run(new AbortController().signal));
    assert.deepEqual(await verification.gauges[0]?.read(), [{ value: 0 }]);
    assert.deepEqual(lines, []);
    await ledger.close();
  });
});

/** The number of a metric; undefined when it has none. */
async function metric({ metricsPort }: TestService, name: string): Promise<number | undefined> {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  const value = new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1];
  return value === undefined ? undefined : Number(value);
}

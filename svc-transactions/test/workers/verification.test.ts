import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLogger } from '@malla/chassis/logger';
import { accountIdOf } from '../../src/domain/ledger/account.ts';
import { account } from '../support/ledger.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { assertSound, confirm, newPayment, openShop } from '../support/shop.ts';

const INTERVAL_MS = 100;
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
    service = await startTestService({ LEDGER_VERIFY_INTERVAL_MS: INTERVAL_MS, METRICS_PORT: 0 }, { log });
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
    assert.ok((await metric('malla_ledger_verified_timestamp_seconds')) > 0);
    await assertSound(service);
  });

  const alarms = () => lines.filter(({ kind }) => kind !== undefined);

  async function faultsAre(count: number): Promise<void> {
    while ((await metric('malla_ledger_faults')) !== count) await sleep(INTERVAL_MS / 2);
  }

  async function metric(name: string): Promise<number> {
    const text = await (await fetch(`http://127.0.0.1:${service.metricsPort}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  }
});

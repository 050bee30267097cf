import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { mesh } from '@malla/chassis/testing/certificates';
import { openOrm } from '../../src/data/orm.ts';
import { findStockFaults } from '../../src/data/stock-check.ts';
import { kill, type Replica, startReplica } from '../support/replica.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { newProduct, newVariant, openShop, publish } from '../support/shop.ts';
import type { ShopperOptions, ShopperReport } from '../support/shopper.ts';

const VARIANTS = 8;
const UNITS = 100;
const PROCESSES = 8;
const SHOPPERS = 8;
const DOOMED = 3;

describe('stock under 64 clients, two replicas and SIGKILL', function () {
  this.timeout(180_000);
  let service: TestService;
  const replicas: Replica[] = [];
  const shoppers: ChildProcess[] = [];
  before(async () => {
    service = await startTestService();
    replicas.push(await startReplica(service.config), await startReplica(service.config));
  });
  after(async () => {
    const running = [...shoppers, ...replicas.map((replica) => replica.process)].filter((child) => isRunning(child));
    await Promise.all(running.map(kill));
    await service.stop();
  });

  it('sells every unit once, and gives back what the killed held', async () => {
    const shop = await openShop(service);
    const variants = Array.from({ length: VARIANTS }, (_, at) =>
      newVariant({ optionValues: [`${at}`], initialStock: UNITS }),
    );
    const { variants: made } = await publish(service, shop, newProduct({ options: ['Number'], variants }));
    const variantIds = made.map(({ variantId }) => variantId);
    const target = `ipv4:${replicas.map(({ port }) => `127.0.0.1:${port}`).join(',')}`;
    const { ca, cert, key } = await (await mesh).issue('svc-transactions');
    const tls = { ca: ca.toString(), cert: cert.toString(), key: key.toString() };
    const start = (doomed: boolean) => startShoppers({ target, tls, variantIds, shoppers: SHOPPERS, doomed });
    const doomed = Array.from({ length: DOOMED }, () => start(true));
    const others = Array.from({ length: PROCESSES - DOOMED }, () => start(false));
    shoppers.push(...doomed, ...others);

    const reports = others.map(async (child) => (await once(child, 'message'))[0] as ShopperReport);
    await Promise.all(doomed.map(killWhileHolding));
    await crashAndRestart();
    const told = await Promise.all(reports);
    await expired();

    const answers = told.flatMap((report) => Object.keys(report.answers));
    const allowed = /^(FAILED_PRECONDITION (STOCK_INSUFFICIENT|RESERVATION_ENDED)|(UNAVAILABLE|DEADLINE_EXCEEDED).*)$/;
    assert.deepEqual(
      answers.filter((answer) => !allowed.test(answer)),
      [],
      JSON.stringify(told),
    );
    type Row = { on_hand: number; reserved: number; sold: number };
    const stock = await service.sql<Row>('SELECT on_hand, reserved, sold FROM stock');
    assert.deepEqual(
      stock.map(({ on_hand, sold }) => on_hand + sold),
      variantIds.map(() => UNITS),
    );
    assert.deepEqual(
      stock.map(({ reserved }) => reserved),
      variantIds.map(() => 0),
    );
    assert.ok(stock.every(({ on_hand }) => on_hand >= 0));
    const sold = stock.reduce((sum, row) => sum + row.sold, 0);
    assert.ok(sold >= told.reduce((sum, { bought }) => sum + bought, 0));
    assert.ok(sold > (VARIANTS * UNITS) / 2, `only ${sold} were sold`);
    const orm = openOrm(service.databaseUrl);
    assert.deepEqual(await findStockFaults(orm), []);
    await orm.close();
  });

  /** Whoever holds what it reserved is killed before it commits. */
  async function killWhileHolding(child: ChildProcess): Promise<void> {
    await once(child, 'message');
    await kill(child);
  }

  async function crashAndRestart(): Promise<void> {
    const [, second] = replicas;
    if (!second) throw new Error('there is no second replica');
    await kill(second.process);
    replicas[1] = await startReplica(service.config, second.port);
  }

  async function expired(): Promise<void> {
    const held = "SELECT 1 FROM reservations WHERE state = 'held' LIMIT 1";
    while ((await service.sql(held)).length > 0) await sleep(100);
  }
});

function startShoppers(options: ShopperOptions): ChildProcess {
  const child = fork(join(import.meta.dirname, '../support/shopper.ts'), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  child.send(options);
  return child;
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}

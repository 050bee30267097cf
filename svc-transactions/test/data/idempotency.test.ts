import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { isLockConflict } from '@malla/chassis/mysql-contention';
import { RequestContext } from '@mikro-orm/core';
import { createIdempotencyStore } from '../../src/data/idempotency.ts';
import { type Orm, openOrm } from '../../src/data/orm.ts';
import { createDatabase } from '../support/database.ts';

const HOUR_MS = 3_600_000;
/** A lock is waited for five seconds. */
const PROMPT_MS = 4_000;
const INSERT = `INSERT INTO idempotency_keys
  (id, claim_id, request_hash, subject, response, lease_time, create_time, attempts) VALUES (?, ?, ?, '', NULL, ?, ?, 1)`;

describe('The store of idempotency keys', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let orm: Orm;
  before(async () => {
    database = await createDatabase();
    orm = openOrm(database.url);
  });
  after(async () => {
    await orm.close();
    await database.drop();
  });

  it('takes no answer from a claim whose key another has taken over', async () => {
    const { store, record } = await added();
    const heir = randomBytes(16);
    assert.equal(await run(() => store.takeOver(record, heir, new Date())), true);
    assert.equal(await run(() => store.finish(record.id, Buffer.from('late'), record.claimId)), false);
    assert.equal(await run(() => store.finish(record.id, Buffer.from('right'), heir)), true);
    assert.equal((await run(() => store.find(record.id)))?.response?.toString(), 'right');
  });

  it('waits for nobody who has a record locked, and sees it as it was', async () => {
    const { store, record } = await added();
    await whileHolding(async (em) => {
      await em.execute('SELECT id FROM idempotency_keys WHERE id = ? FOR UPDATE', [record.id]);
      const begunMs = performance.now();
      assert.deepEqual((await run(() => store.find(record.id)))?.claimId, record.claimId);
      assert.equal(await run(() => store.takeOver(record, randomBytes(16), new Date())), false);
      assert.ok(performance.now() - begunMs < PROMPT_MS);
    });
  });

  it('waits for nobody who is adding a record', async () => {
    const { store } = await added();
    const [id, now] = [randomBytes(32), new Date()];
    await whileHolding(async (em) => {
      await em.execute(INSERT, [id, randomBytes(16), randomBytes(32), now, now]);
      const begunMs = performance.now();
      await assert.rejects(
        run(() => store.find(id)),
        isLockConflict,
      );
      assert.ok(performance.now() - begunMs < PROMPT_MS);
    });
  });

  const run = <Result>(work: () => Promise<Result>) => RequestContext.create(orm.em, work);

  /** Works while another session holds what it locks in `work`. */
  async function whileHolding(work: (em: Orm['em']) => Promise<void>): Promise<void> {
    const other = orm.em.fork();
    await other.begin();
    try {
      await work(other);
    } finally {
      await other.rollback();
    }
  }

  async function added() {
    const store = createIdempotencyStore(orm, { now: () => new Date() });
    const [id, claimId, requestHash] = [randomBytes(32), randomBytes(16), randomBytes(32)];
    const leaseTime = new Date(Date.now() - HOUR_MS);
    const record = { id, claimId, requestHash, subject: '', response: undefined, leaseTime };
    assert.equal(await run(() => store.add(record)), true);
    return { store, record };
  }
});

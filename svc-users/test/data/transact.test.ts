import assert from 'node:assert/strict';
import type { TestDatabase } from '@malla/chassis/testing/database';
import { RequestContext } from '@mikro-orm/core';
import { type Orm, openOrm } from '../../src/data/orm.ts';
import { createTransact } from '../../src/data/transact.ts';
import { createUsers } from '../../src/data/users.repository.ts';
import { newId } from '../../src/domain/ids.ts';
import { User } from '../../src/domain/user.ts';
import { createDatabase } from '../support/database.ts';

describe('transact', () => {
  let database: TestDatabase;
  let orm: Orm;
  before(async () => {
    database = await createDatabase();
    orm = openOrm(database.url);
  });
  after(async () => {
    await orm.close();
    await database.drop();
  });

  it('sees what others committed since the call loaded an entity, and gives it to the call', async () => {
    const { transact, users, userId } = await createUser();
    await RequestContext.create(orm.em, async () => {
      const loaded = await orm.em.findOne(User, { userId });
      await rename(userId, 'Bea');
      const seen = await transact(async () => (await users.lock(userId))?.displayName);
      assert.equal(seen, 'Bea');
      assert.equal(loaded?.displayName, 'Bea');
    });
  });

  it('reads a row again when it locks it, though it loaded it before in the same transaction', async () => {
    const { transact, users, userId } = await createUser();
    await RequestContext.create(orm.em, async () => {
      const seen = await transact(async () => {
        await orm.em.findOne(User, { userId });
        await rename(userId, 'Bea');
        return (await users.lock(userId))?.displayName;
      });
      assert.equal(seen, 'Bea');
    });
  });

  it('leaves no change of a transaction that failed, in the database or in what the call loads next', async () => {
    const { transact, users, userId } = await createUser();
    await RequestContext.create(orm.em, async () => {
      const failing = transact(async () => {
        const user = await users.lock(userId);
        if (user) user.displayName = 'Never';
        await orm.em.flush();
        throw new Error('fails');
      });
      await assert.rejects(failing, /fails/);
      assert.equal((await orm.em.findOne(User, { userId }))?.displayName, 'Ana');
      await transact(async () => void (await users.lock(userId)));
    });
    assert.equal(await nameOf(userId), 'Ana');
  });

  it('does work again that a deadlock rolled back, each time with fresh entities', async () => {
    const { transact, users, userId: first } = await createUser();
    const { userId: second } = await createUser();
    let tries = 0;
    const count = (order: readonly string[]) =>
      RequestContext.create(orm.em, () =>
        transact(async () => {
          tries += 1;
          for (const userId of order) {
            const user = await users.lock(userId);
            assert.ok(user);
            user.pictureUrl += 'x';
            await orm.em.flush();
          }
        }),
      );
    await Promise.all(Array.from({ length: 8 }, (_, index) => count(index % 2 ? [first, second] : [second, first])));
    assert.ok(tries > 8, 'there was no deadlock');
    for (const userId of [first, second]) {
      const [row] = await orm.em.fork().find(User, { userId });
      assert.equal(row?.pictureUrl, 'x'.repeat(8));
    }
  });

  it('is ABORTED when a lock is not to be had in time', async () => {
    const { transact, users, userId } = await createUser();
    const impatient = openOrm(database.url);
    const [locked, done] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const holding = transact(async () => {
      await users.lock(userId);
      locked.resolve();
      await done.promise;
    });
    await locked.promise;
    const late = createTransact(impatient)(async () => {
      await impatient.em.execute('SET SESSION innodb_lock_wait_timeout = 1');
      await createUsers(impatient).lock(userId);
    });
    await assert.rejects(late, { kind: 'aborted', reason: 'CONTENTION' });
    done.resolve();
    await Promise.all([holding, impatient.close()]);
  });

  it('runs in READ COMMITTED, and its connections wait five seconds for a lock', async () => {
    const { transact } = await createUser();
    const [row] = await transact(() =>
      orm.em.execute<Record<string, unknown>[]>(
        'SELECT @@transaction_isolation AS iso, @@innodb_lock_wait_timeout AS wait',
      ),
    );
    assert.deepEqual({ ...row }, { iso: 'READ-COMMITTED', wait: 5 });
  });

  async function createUser() {
    const [transact, users] = [createTransact(orm), createUsers(orm)];
    const user = new User(newId.user(), null, 'Ana', new Date());
    await RequestContext.create(orm.em, () => transact(() => users.add(user)));
    return { transact, users, userId: user.userId };
  }

  async function rename(userId: string, displayName: string): Promise<void> {
    await orm.em.fork().nativeUpdate(User, { userId }, { displayName });
  }

  async function nameOf(userId: string): Promise<string | undefined> {
    return (await orm.em.fork().findOne(User, { userId }))?.displayName;
  }
});

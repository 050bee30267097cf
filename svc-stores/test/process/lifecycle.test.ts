import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mesh } from '@malla/chassis/testing/certificates';
import { migrate } from '../../src/data/migrate.ts';
import { connect } from '../support/clients.ts';
import { createDatabase } from '../support/database.ts';
import { startReplica } from '../support/replica.ts';
import { startTestService, type TestService } from '../support/service.ts';

describe('the process', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService();
  });
  after(() => service.stop());

  it('serves, and ends with 0 on SIGTERM', async () => {
    const replica = await startReplica(service.config);
    const clients = connect(`dns:///127.0.0.1:${replica.port}`, await (await mesh).issue('edge-gateway'));
    await clients.stores.listStores({ pageSize: 0, pageToken: '' });
    const ended = once(replica.process, 'exit');
    replica.process.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
  });

  it('migrates once, however many jobs there are', async () => {
    const database = await createDatabase();
    assert.deepEqual(await Promise.all([migrate(database.url), migrate(database.url)]), [[], []]);
    await database.drop();
  });
});

import assert from 'node:assert/strict';
import { mesh } from '@malla/chassis/testing/certificates';
import { startServer } from '../src/server.ts';
import { connect } from './support/clients.ts';
import { startTestService, type TestService } from './support/service.ts';

describe('The metrics of svc-stores', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService();
  });
  after(() => service.stop());

  it('count calls by method and code', async () => {
    const replica = await startServer({ ...service.config, METRICS_PORT: 0 });
    const clients = connect(`dns:///127.0.0.1:${replica.port}`, await (await mesh).issue('edge-gateway'));
    await clients.stores.listStores({ pageSize: 0, pageToken: '' });
    const text = await (await fetch(`http://127.0.0.1:${replica.metricsPort}/metrics`)).text();
    const labels =
      'grpc_type="unary",grpc_service="malla.stores.v1.StoresService",grpc_method="ListStores",grpc_code="OK"';
    assert.ok(text.includes(`grpc_server_handled_total{${labels}} 1\n`), text);
    assert.ok(text.includes(`grpc_server_handling_seconds_count{${labels}} 1\n`));
    await replica.stop();
  });
});

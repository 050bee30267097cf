import assert from 'node:assert/strict';
import { startTestService, type TestService } from './support/service.ts';

describe('The metrics of svc-users', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService();
  });
  after(() => service.stop());

  it('count calls by method and code', async () => {
    const { client, metricsPort } = await service.startReplica({ METRICS_PORT: 0 });
    await client.getJwks({});
    const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    const labels = 'grpc_type="unary",grpc_service="malla.users.v1.UsersService",grpc_method="GetJwks",grpc_code="OK"';
    assert.ok(text.includes(`grpc_server_handled_total{${labels}} 1\n`), text);
    assert.ok(text.includes(`grpc_server_handling_seconds_count{${labels}} 1\n`));
  });
});

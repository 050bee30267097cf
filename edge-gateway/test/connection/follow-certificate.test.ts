import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { createAuthority } from '@malla/chassis/testing/certificates';
import { gatewayForThisTest } from '../support/gateway.ts';

const WAIT_MS = 40_000;

describe('the certificate that clients see', () => {
  it('is the one in the files, without a restart', async () => {
    const { app, config } = await gatewayForThisTest();
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as AddressInfo;
    const shown = async () => {
      const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ALPNProtocols: ['h2'] });
      await once(socket, 'secureConnect');
      const { fingerprint256 } = socket.getPeerCertificate();
      socket.destroy();
      return fingerprint256;
    };
    const before = await shown();
    const { cert, key } = await (await createAuthority()).issue('edge-gateway');
    writeFileSync(config.HTTPS_CERT_FILE, cert);
    writeFileSync(config.HTTPS_KEY_FILE, key);
    const until = Date.now() + WAIT_MS;
    while ((await shown()) === before && Date.now() < until) await sleep(500);
    assert.notEqual(await shown(), before);
  });
});

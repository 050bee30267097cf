import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { credentials, Metadata, status } from '@grpc/grpc-js';
import { openChannel } from '@malla/chassis/channel';
import { createClient } from '@malla/chassis/client';
import { isServiceError, readStatus } from '@malla/chassis/status';
import { loadMeshTls } from '@malla/chassis/tls';
import { mallaContract } from '@malla/proto/contract';
import { UsersServiceClient, UsersServiceService } from '@malla/proto/malla/users/v1/users_service';
import { registerSomebody } from '../support/http.ts';
import { ca, developerFiles, usersAddress } from '../support/mesh.ts';

describe('a developer with a certificate', () => {
  const contract = mallaContract();
  const channel = openChannel({
    contract,
    service: 'svc-users',
    target: `dns:///${usersAddress}`,
    tls: loadMeshTls(developerFiles),
  });
  const users = createClient(channel, UsersServiceService, contract);
  after(() => channel.close());

  it('calls a service as the user whose token it has', async () => {
    const { email, accessToken } = await registerSomebody();
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${accessToken}`);
    assert.equal((await users.getProfile({}, { metadata })).user?.email, email);
  });

  it('is no service', async () => {
    const outcome = await users.checkSession({ sessionId: `ses_${'0'.repeat(26)}` }).catch((error: unknown) => error);
    assert.ok(isServiceError(outcome));
    assert.equal(outcome.code, status.PERMISSION_DENIED);
    assert.equal(readStatus(outcome).reason, 'CALLER_NOT_ALLOWED');
  });

  it('gets in only with it', async () => {
    const client = new UsersServiceClient(usersAddress.replace('127.0.0.1', 'localhost'), credentials.createSsl(ca));
    const error = await new Promise<unknown>((resolve) => {
      client.getJwks({}, new Metadata(), { deadline: Date.now() + 5_000 }, resolve);
    });
    client.close();
    assert.ok(isServiceError(error));
    assert.equal(error.code, status.UNAVAILABLE);
  });

  it('explores with grpcurl, where that is installed', () => {
    if (spawnSync('grpcurl', ['-version']).error) {
      console.log('      skipped: grpcurl is not installed on this machine');
      return;
    }
    const { TLS_CA_FILE, TLS_CERT_FILE, TLS_KEY_FILE } = developerFiles;
    const flags = ['-cacert', TLS_CA_FILE, '-cert', TLS_CERT_FILE, '-key', TLS_KEY_FILE, usersAddress];
    const list = spawnSync('grpcurl', [...flags, 'list'], { encoding: 'utf8' });
    assert.match(list.stdout, /malla\.users\.v1\.UsersService/, list.stderr);
    const describe = spawnSync('grpcurl', [...flags, 'describe', 'malla.users.v1.UsersService.Login'], {
      encoding: 'utf8',
    });
    assert.match(describe.stdout, /LoginRequest/, describe.stderr);
  });
});

import assert from 'node:assert/strict';
import { ISSUER, startTestService, type TestService } from '../support/service.ts';

describe('UsersService/GetOpenIdConfiguration', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService();
  });
  after(() => service.stop());

  it('answers anybody where the issuer’s endpoints are', async () => {
    const document = await service.client.getOpenIdConfiguration({});
    assert.equal(document.issuer, ISSUER);
    assert.equal(document.jwksUri, `${ISSUER}/.well-known/jwks.json`);
    assert.equal(document.tokenEndpoint, `${ISSUER}/v1/users/refresh`);
    assert.equal(document.userinfoEndpoint, `${ISSUER}/v1/users/me`);
    assert.deepEqual(document.idTokenSigningAlgValuesSupported, ['ES256']);
    assert.deepEqual(document.subjectTypesSupported, ['public']);
  });
});

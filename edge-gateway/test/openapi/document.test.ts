import assert from 'node:assert/strict';
import type { JsonObject } from '@bufbuild/protobuf';
import { Validator } from '@seriousme/openapi-schema-validator';
import { createTestGateway } from '../support/gateway.ts';
import { type Documented, type Operation, startDocumented } from '../support/operations.ts';

describe('the OpenAPI document', () => {
  let { gateway, document, operations }: Documented = {} as Documented;
  const at = (path: string) => (document.paths as unknown as Record<string, Record<string, Operation>>)[path];
  before(async () => {
    ({ gateway, document, operations } = await startDocumented());
  });
  after(() => gateway.stop());

  it('is valid OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document));
    assert.ok(valid, JSON.stringify(errors, null, 1)?.slice(0, 2_000));
    assert.equal(document.openapi, '3.1.0');
  });

  it('describes every operation and field in the words of the contract', () => {
    const login = at('/v1/users/login')?.post;
    assert.match(login?.description ?? '', /^Exchanges an e-mail address and a password for tokens\./);
    const schemas = (document.components as JsonObject).schemas as Record<string, JsonObject>;
    const properties = schemas['malla.users.v1.RegisterUserRequest']?.properties as Record<string, JsonObject>;
    assert.match(String(properties.email?.description), /at most 254 characters/);
    assert.equal(properties.email?.maxLength, 254);
    assert.equal(properties.email?.format, 'email');
    assert.equal(properties.password?.['x-sensitive'], true);
    for (const operation of operations) assert.notEqual(operation.description, '', operation.operationId);
  });

  it('says who may call', () => {
    assert.deepEqual(at('/v1/users/login')?.post?.security, []);
    assert.deepEqual(at('/v1/testing/echo:live')?.post?.security, [{ bearer: ['echo:write'] }]);
  });

  it('has no two paths that differ in names alone', () => {
    const shapes = Object.keys(document.paths as JsonObject).map((path) => path.replace(/\{[^}]*\}/g, '{}'));
    assert.equal(new Set(shapes).size, shapes.length);
    for (const { path, parameters } of operations) {
      const named = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => `{${name}}`);
      assert.deepEqual(named.sort(), (path.match(/\{[^}]*\}/g) ?? []).sort());
    }
  });

  it('names each operation once', () => {
    const names = operations.map(({ operationId }) => operationId);
    assert.equal(new Set(names).size, names.length);
    assert.ok(names.length > 20);
  });
});

describe('/docs', () => {
  it('shows the document with assets of its own', async () => {
    const gateway = await createTestGateway();
    const page = await gateway.app.inject('/docs');
    assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
    assert.match(String(page.headers['content-security-policy']), /script-src 'self'/);
    const links = [...page.body.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, link]) => link ?? '');
    assert.equal(links.length, 3);
    for (const link of links) {
      assert.match(link, /^\/docs\//);
      assert.equal((await gateway.app.inject(link)).statusCode, 200, link);
    }
    assert.match((await gateway.app.inject('/docs/start.js')).body, /validatorUrl: null/);
    await gateway.stop();
  });
});

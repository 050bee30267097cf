import assert from 'node:assert/strict';
import type { JsonObject, JsonValue } from '@bufbuild/protobuf';
import { Validator } from '@seriousme/openapi-schema-validator';
import fc from 'fast-check';
import { createTestGateway, type TestGateway } from './support/gateway.ts';
import { assertProblem } from './support/problems.ts';
import { sampleOf } from './support/samples.ts';
import { claims } from './support/tokens.ts';

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: JsonObject;
}

interface Operation {
  readonly operationId: string;
  readonly description: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: JsonObject }>> };
  readonly responses: Readonly<Record<string, JsonObject>>;
  readonly security: readonly object[];
}

describe('the OpenAPI document', () => {
  let gateway: TestGateway;
  let document: JsonObject & { readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> };
  before(async () => {
    const limits = ['READ', 'WRITE', 'CREDENTIAL'].map((name) => [`RATE_LIMIT_${name}_PER_MINUTE`, '99999']);
    gateway = await createTestGateway({ env: Object.fromEntries(limits) });
    document = (await gateway.app.inject('/openapi.json')).json();
  });
  after(() => gateway.stop());

  const operations = () =>
    Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
    );

  it('is valid OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document));
    assert.ok(valid, JSON.stringify(errors, null, 1)?.slice(0, 2_000));
    assert.equal(document.openapi, '3.1.0');
  });

  it('describes every operation and field in the words of the contract', () => {
    const login = document.paths['/v1/users/login']?.post;
    assert.match(login?.description ?? '', /^Exchanges an e-mail address and a password for tokens\./);
    const schemas = (document.components as JsonObject).schemas as Record<string, JsonObject>;
    const properties = schemas['malla.users.v1.RegisterUserRequest']?.properties as Record<string, JsonObject>;
    assert.match(String(properties.email?.description), /at most 254 characters/);
    assert.equal(properties.email?.maxLength, 254);
    assert.equal(properties.email?.format, 'email');
    assert.equal(properties.password?.['x-sensitive'], true);
    for (const { operation } of operations()) assert.notEqual(operation.description, '', operation.operationId);
  });

  it('says who may call', () => {
    assert.deepEqual(document.paths['/v1/users/login']?.post?.security, []);
    assert.deepEqual(document.paths['/v1/testing/echo:live']?.post?.security, [{ bearer: ['echo:write'] }]);
  });

  it('has no two paths that differ in names alone', () => {
    const shapes = Object.keys(document.paths).map((path) => path.replace(/\{[^}]*\}/g, '{}'));
    assert.equal(new Set(shapes).size, shapes.length);
    for (const { path, operation } of operations()) {
      const named = operation.parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => `{${name}}`);
      assert.deepEqual(named.sort(), (path.match(/\{[^}]*\}/g) ?? []).sort());
    }
  });

  it('names each operation once', () => {
    const names = operations().map(({ operation }) => operation.operationId);
    assert.equal(new Set(names).size, names.length);
    assert.ok(names.length > 20);
  });

  it('is what the gateway does, for valid and invalid input of every operation', async () => {
    for (const { path, method, operation } of operations()) {
      const valid = fc.sample(fc.noBias(sampleOf(document, sampleSchema(operation))), { numRuns: 3, seed: 7 });
      for (const sample of valid as JsonObject[]) {
        const answer = await call(path, method, operation, sample);
        // The fakes of tests do not know every method. What matters is that the request was taken.
        const taken = [200, 404, 409, 412, 501].includes(answer.statusCode) || answer.body.includes('SESSION_REVOKED');
        assert.ok(taken, `${operation.operationId} ${JSON.stringify(sample)} ${answer.statusCode} ${answer.body}`);
      }
      const spoiled = await call(path, method, operation, { ...(valid[0] as JsonObject), 'query nope': 'x' });
      const documented = Object.keys(operation.responses);
      if (operation.requestBody?.content['application/x-ndjson'] === undefined && !takesWholeBody(operation)) {
        assertProblem(spoiled, 400);
      }
      assert.ok(documented.includes(String(spoiled.statusCode)) || documented.includes('default'));
      if (operation.security.length > 0) {
        assertProblem(
          await call(path, method, { ...operation, security: [] }, valid[0] as JsonObject),
          401,
          'TOKEN_MISSING',
        );
        assert.ok(documented.includes('401'));
      }
    }
  });

  function takesWholeBody(operation: Operation): boolean {
    return operation.requestBody !== undefined && !operation.requestBody.content['application/json'];
  }

  /** One schema of everything that an operation takes: its parameters by place and name, and its body. */
  function sampleSchema({ parameters, requestBody }: Operation): JsonObject {
    const required = parameters.filter((parameter) => parameter.required || parameter.in === 'path');
    const properties = required.map(({ in: place, name, schema }) => [`${place} ${name}`, schema]);
    const body = requestBody?.content['application/json'];
    return {
      type: 'object',
      properties: Object.fromEntries([...properties, ...(body ? [['body', body.schema]] : [])]),
      required: [...properties.map(([name]) => name as string), ...(body ? ['body'] : [])],
    };
  }

  async function call(path: string, method: string, operation: Operation, sample: JsonObject) {
    const of = (place: string) =>
      Object.entries(sample)
        .filter(([name]) => name.startsWith(`${place} `))
        .map(([name, value]) => [name.slice(place.length + 1), String(value)] as const);
    const url = of('path').reduce(
      (text, [name, value]) => text.replace(`{${name}}`, encodeURIComponent(value || 'x')),
      path,
    );
    const query = new URLSearchParams(Object.fromEntries(of('query'))).toString();
    const token =
      operation.security.length > 0 ? { authorization: `Bearer ${await gateway.issuer.sign(claims())}` } : {};
    const body = sample.body === undefined ? {} : { payload: JSON.stringify(sample.body as JsonValue) };
    const type = sample.body === undefined ? {} : { 'content-type': 'application/json' };
    return gateway.app.inject({
      method: method as 'GET',
      url: query ? `${url}?${query}` : url,
      headers: { ...Object.fromEntries(of('header')), ...token, ...type },
      ...body,
    });
  }
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
    await gateway.stop();
  });
});

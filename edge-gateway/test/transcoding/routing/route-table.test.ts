import assert from 'node:assert/strict';
import { parsePathTemplate } from '../../../src/transcoding/routing/path-template.ts';
import { createRouteTable, RouteCollisionError } from '../../../src/transcoding/routing/route-table.ts';

function tableOf(...routes: readonly string[]) {
  const table = createRouteTable<string>();
  for (const route of routes) {
    const [method = '', path = ''] = route.split(' ');
    table.add(method, parsePathTemplate(path), route, route);
  }
  return table;
}

describe('route table', () => {
  const table = tableOf(
    'GET /v1/users/me',
    'DELETE /v1/users/me',
    'GET /v1/users/{id}',
    'PATCH /v1/users/{id}',
    'POST /v1/users/{id}:cancel',
    'POST /v1/users:import',
    'GET /v1/{name=stores/*/products/*}',
    'GET /v1/{name=stores/*/products/*}/{part}',
    'GET /v1/files/{path=**}',
    'POST /v1/files/{path=**}:read',
    '* /v1/any/{x}',
  );
  const found = (target: string, ...captures: string[]) => ({ kind: 'found', target, captures });
  const cases: readonly [string, string, unknown][] = [
    ['GET', '/v1/users/me', found('GET /v1/users/me')],
    ['HEAD', '/v1/users/me', found('GET /v1/users/me')],
    ['GET', '/v1/users/7', found('GET /v1/users/{id}', '7')],
    ['GET', '/v1/%75sers/%6de', found('GET /v1/users/me')],
    ['PATCH', '/v1/users/me', found('PATCH /v1/users/{id}', 'me')],
    ['GET', '/v1/users/a%20b%2Fc', found('GET /v1/users/{id}', 'a b/c')],
    ['GET', '/v1/users/a+b', found('GET /v1/users/{id}', 'a+b')],
    ['GET', '/v1/users/a:b', found('GET /v1/users/{id}', 'a:b')],
    ['GET', '/v1/users/:cancel', found('GET /v1/users/{id}', ':cancel')],
    ['POST', '/v1/users/7:cancel', found('POST /v1/users/{id}:cancel', '7')],
    ['POST', '/v1/users/a:b:cancel', found('POST /v1/users/{id}:cancel', 'a:b')],
    ['POST', '/v1/users:import', found('POST /v1/users:import')],
    ['GET', '/v1/users/7:cancel', { kind: 'method-not-allowed', allow: ['OPTIONS', 'POST'] }],
    ['GET', '/v1/users/7%3Acancel', found('GET /v1/users/{id}', '7:cancel')],
    ['GET', '/v1/stores/a/products/b', found('GET /v1/{name=stores/*/products/*}', 'stores/a/products/b')],
    ['GET', '/v1/stores/a%2fb/products/%41', found('GET /v1/{name=stores/*/products/*}', 'stores/a%2fb/products/A')],
    [
      'GET',
      '/v1/stores/a/products/b/c',
      found('GET /v1/{name=stores/*/products/*}/{part}', 'stores/a/products/b', 'c'),
    ],
    ['GET', '/v1/files', found('GET /v1/files/{path=**}', '')],
    ['GET', '/v1/files/', found('GET /v1/files/{path=**}', '')],
    ['GET', '/v1/files/a/b%2Fc/d%20e', found('GET /v1/files/{path=**}', 'a/b%2Fc/d e')],
    ['POST', '/v1/files/a/b:read', found('POST /v1/files/{path=**}:read', 'a/b')],
    ['BREW', '/v1/any/x', found('* /v1/any/{x}', 'x')],
    ['PUT', '/v1/users/me', { kind: 'method-not-allowed', allow: ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH'] }],
    ['GET', '/v1/users', { kind: 'not-found' }],
    ['GET', '/v1/users/', { kind: 'not-found' }],
    ['GET', '/v1//users/me', { kind: 'not-found' }],
    ['GET', '/v1/users/me/', { kind: 'not-found' }],
    ['GET', '/', { kind: 'not-found' }],
    ['GET', '', { kind: 'malformed' }],
    ['OPTIONS', '*', { kind: 'malformed' }],
    ['GET', '/v1/users/%', { kind: 'malformed' }],
    ['GET', '/v1/users/%ff', { kind: 'malformed' }],
    ['GET', '/v1/users/%00', { kind: 'malformed' }],
    ['GET', '/v1/users/a%0ab', { kind: 'malformed' }],
    ['GET', '/v1/users/..', { kind: 'malformed' }],
    ['GET', '/v1/users/%2e%2E', { kind: 'malformed' }],
    ['GET', '/v1/files/a/../b', { kind: 'malformed' }],
    ['GET', '/v1/files/./b', { kind: 'malformed' }],
    ['GET', '/v1/users/ü', { kind: 'malformed' }],
  ];
  for (const [method, path, outcome] of cases) {
    it(`finds for ${method} ${path} what it should`, () => assert.deepEqual(table.find(method, path), outcome));
  }

  const collisions: readonly [string, string][] = [
    ['GET /v1/{a}', 'GET /v1/{b}'],
    ['GET /v1/*', 'GET /v1/{b}'],
    ['GET /v1/{a=stores/*}', 'GET /v1/stores/{b}'],
    ['GET /v1/{a=**}', 'GET /v1/**'],
    ['POST /v1/a:go', 'POST /v1/{x=a}:go'],
    ['* /v1/a', '* /v1/a'],
  ];
  for (const [first, second] of collisions) {
    it(`refuses ${first} beside ${second}, naming both`, () => {
      assert.throws(
        () => tableOf(first, second),
        (error) => {
          assert.ok(error instanceof RouteCollisionError);
          assert.ok(error.message.includes(first) && error.message.includes(second), error.message);
          return true;
        },
      );
    });
  }

  it('lets a method, a verb or a literal tell routes apart', () => {
    tableOf('GET /v1/a', 'POST /v1/a', 'GET /v1/a:b', 'GET /v1/*', 'GET /v1/**', '* /v1/a');
  });
});

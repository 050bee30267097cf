import assert from 'node:assert/strict';
import { DomainError, type ErrorKind } from '../../src/lib/errors.ts';
import { connect, startEcho } from '../support/echo.ts';
import { failureOf, wireOf } from '../support/failure.ts';

const SECRET = 'select-from-users';
const secretly = (properties: object) => Object.assign(new Error(SECRET), properties);
const explode = () => {
  throw new Error(SECRET);
};

/** What a handler may throw, and that nobody may see. */
const THROWN: Record<string, () => unknown> = {
  'an Error': () => new Error(SECRET),
  'a string': () => SECRET,
  undefined: () => undefined,
  null: () => null,
  'a number': () => 0,
  'a symbol': () => Symbol(SECRET),
  'a bigint': () => 1n,
  'an object with code 999': () => ({ code: 999, details: SECRET, message: SECRET }),
  'an object with code 0': () => ({ code: 0, details: SECRET }),
  'an object without a prototype': () => Object.create(null),
  'an Error with a numeric code': () => secretly({ code: 5, details: SECRET }),
  'an Error with a textual code': () => secretly({ code: 'ECONNREFUSED' }),
  'an Error that poses as one of grpc-js': () => secretly({ code: 5, details: SECRET, metadata: SECRET }),
  'an Error whose message is a getter that throws': () =>
    Object.defineProperty(new Error(), 'message', { get: explode }),
  'an Error whose stack is a getter that throws': () => Object.defineProperty(new Error(), 'stack', { get: explode }),
  'an object whose code is a getter that throws': () => Object.defineProperty({}, 'code', { get: explode }),
  'an object whose toString throws': () => ({ toString: explode }),
  'a proxy that throws whatever it is asked': () =>
    new Proxy({}, { get: explode, has: explode, getPrototypeOf: explode, ownKeys: explode }),
  'a thenable that throws': () => Object.defineProperty({}, 'then', { get: explode }),
  'a function': () => explode,
  'a DomainError of an unknown kind': () => new DomainError('odd' as ErrorKind, 'ODD', SECRET),
  'a DomainError with a broken detail': () =>
    new DomainError('invalid', 'ODD', SECRET, { retryAfterMs: Number.NaN, metadata: { a: 1n as unknown as string } }),
};

describe('unary', () => {
  for (const [name, make] of Object.entries(THROWN)) {
    it(`answers INTERNAL with a constant text when a handler throws ${name}`, async () => {
      const { port, calls, lines } = await startEcho({
        echo: async () => {
          throw make();
        },
      });
      const { client } = await connect(port);
      const failure = await failureOf(client.echo({ text: 'a', number: 1n }));
      assert.equal(failure.code, 'INTERNAL');
      assert.equal(failure.message, 'The service failed. The request id tells the operators why.');
      assert.ok(!wireOf(failure).includes(SECRET));
      assert.equal(calls().length, 1, lines.join(''));
      assert.equal(calls()[0]?.code, 'INTERNAL');
      assert.deepEqual({ ...(await client.echoUser({ text: 'a' }).catch(({ code }) => ({ code }))) }, { code: 16 });
    });
  }
});

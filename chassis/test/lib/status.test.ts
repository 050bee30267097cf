import assert from 'node:assert/strict';
import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { DomainError, type ErrorKind } from '../../src/lib/errors.ts';
import { isServiceError, readStatus, toStatus } from '../../src/lib/status.ts';

const CODES: Record<ErrorKind, status> = {
  invalid: status.INVALID_ARGUMENT,
  unauthenticated: status.UNAUTHENTICATED,
  forbidden: status.PERMISSION_DENIED,
  'not-found': status.NOT_FOUND,
  'already-exists': status.ALREADY_EXISTS,
  aborted: status.ABORTED,
  precondition: status.FAILED_PRECONDITION,
  exhausted: status.RESOURCE_EXHAUSTED,
  unavailable: status.UNAVAILABLE,
};

function received(sent: { code: status; details: string; metadata: Metadata }): ServiceError {
  return Object.assign(new Error(sent.details), sent);
}

describe('status', () => {
  for (const [kind, code] of Object.entries(CODES) as [ErrorKind, status][]) {
    it(`carries '${kind}' as ${status[code]}, with reason and message, and back`, () => {
      const read = readStatus(received(toStatus(new DomainError(kind, 'REASON', 'A message.'))));
      assert.deepEqual(read, { code, message: 'A message.', reason: 'REASON', metadata: {}, fields: [] });
    });
  }

  it('carries fields, metadata and the time to wait, and back', () => {
    const fields = [{ field: 'user.display_name', reason: 'STRING_MIN_LEN', description: 'Too short.' }];
    for (const retryAfterMs of [0, 1, 999, 1_000, 61_500]) {
      const error = new DomainError('invalid', 'R', 'M', { fields, metadata: { a: 'b' }, retryAfterMs });
      const read = readStatus(received(toStatus(error)));
      assert.deepEqual([read.fields, read.metadata, read.retryAfterMs], [fields, { a: 'b' }, retryAfterMs]);
    }
  });

  it('keeps what it can tell when there are too many fields', () => {
    const field = { field: 'f'.repeat(300), reason: 'R', description: 'd' };
    const read = readStatus(
      received(toStatus(new DomainError('invalid', 'R', 'm'.repeat(900), { fields: Array(50).fill(field) }))),
    );
    assert.equal(read.message.length, 501);
    assert.ok(read.fields.length > 5 && read.fields.length < 20);
    assert.equal(read.fields[0]?.field.length, 201);
  });

  it('reads a failure without details, or with details that are none', () => {
    const metadata = new Metadata();
    const plain = { code: status.UNKNOWN, message: 'x', fields: [] };
    assert.deepEqual(readStatus(received({ code: status.UNKNOWN, details: 'x', metadata })), plain);
    metadata.set('grpc-status-details-bin', Buffer.from('ffff', 'hex'));
    assert.deepEqual(readStatus(received({ code: status.UNKNOWN, details: 'x', metadata })), plain);
  });
});

describe('isServiceError', () => {
  it('knows a failure of grpc-js from what resembles one', () => {
    const real = received({ code: status.UNKNOWN, details: 'x', metadata: new Metadata() });
    assert.equal(isServiceError(real), true);
    for (const other of [
      undefined,
      null,
      'x',
      {},
      { ...real },
      new Error('x'),
      Object.assign(new Error(), { code: 5 }),
    ]) {
      assert.equal(isServiceError(other), false);
    }
  });
});

import assert from 'node:assert/strict';
import { toJsonPath } from '../../../src/transcoding/json/message-path.ts';
import { rpcOf } from '../../support/contract.ts';

describe('toJsonPath', () => {
  const { input } = rpcOf('TranscodingService/WatchThings').method;

  it('gives a path of a service in the names of the JSON', () => {
    assert.equal(toJsonPath(input, 'resume_token'), 'resumeToken');
    assert.equal(toJsonPath(input, 'idempotency_key'), 'idempotency_key');
  });

  it('keeps in front which message of a client stream it is of', () => {
    assert.equal(toJsonPath(input, '[12].resume_token'), '[12].resumeToken');
    assert.equal(toJsonPath(input, '[0]'), '[0]');
    assert.equal(toJsonPath(input, '[0].nothing'), '[0].nothing');
  });
});

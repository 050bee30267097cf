import assert from 'node:assert/strict';
import { mallaContract } from '@malla/proto/contract';
import { Access } from '@malla/proto/malla/options/v1/policy.pb';
import { UsersServiceService } from '@malla/proto/malla/users/v1/users_service';
import { testingContract } from '@malla/proto/testing';

describe('the contract', () => {
  const contract = mallaContract();

  it('knows every RPC of the generated service', () => {
    for (const { path } of Object.values(UsersServiceService)) assert.ok(contract.rpcs.has(path), path);
  });

  it('reads policy, deadline, route and retry safety of an RPC', () => {
    const rpc = contract.rpcs.get('/malla.users.v1.UsersService/GetProfile');
    assert.equal(rpc?.policy.access, Access.USER);
    assert.equal(rpc?.deadlineMs, 5000);
    assert.deepEqual(rpc?.http?.pattern, { case: 'get', value: '/v1/users/me' });
    assert.equal(rpc?.readOnly, true);
    assert.equal(rpc?.retrySafe, true);
  });

  it('calls no RPC safe to retry that does not say so', () => {
    const unsafe = ['RegisterUser', 'Login', 'RefreshToken', 'UpdateProfile', 'ChangePassword'];
    for (const name of unsafe) {
      assert.equal(contract.rpcs.get(`/malla.users.v1.UsersService/${name}`)?.retrySafe, false, name);
    }
  });

  it('keeps the comments, which become the API documentation', () => {
    const file = contract.descriptorSet.file.find(({ name }) => name === 'malla/users/v1/user.proto');
    const comments = file?.sourceCodeInfo?.location.map(({ leadingComments }) => leadingComments) ?? [];
    assert.ok(comments.some((comment) => comment?.includes('A person who uses Malla')));
  });

  it('leaves the test contracts out', () => {
    assert.ok(![...contract.rpcs.keys()].some((path) => path.includes('testing')));
    assert.ok(testingContract().rpcs.has('/malla.testing.v1.EchoService/Echo'));
  });
});

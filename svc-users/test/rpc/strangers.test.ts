import assert from 'node:assert/strict';
import { openChannel } from '@malla/chassis/channel';
import { mesh } from '@malla/chassis/testing/certificates';
import { answerWithoutIds, type Requests, reachableRpcs } from '@malla/chassis/testing/existence';
import { typeid } from 'typeid-js';
import { as, contract } from '../support/client.ts';
import { registerSomebody, startTestService, type TestService } from '../support/service.ts';

const NO_ID = 'the request names nothing that is somebody else’s';
const SECRETS = 'the request names an e-mail address, which login and registration have their own tests for';
const TOKEN = 'the request holds a token, and no id';

/** A request for each RPC by which a stranger could learn that something exists. */
const HIDDEN: Requests<Readonly<Record<string, string>>> = {
  'UsersService/RegisterUser': SECRETS,
  'UsersService/Login': SECRETS,
  'UsersService/RefreshToken': TOKEN,
  'UsersService/Logout': TOKEN,
  'UsersService/GetProfile': NO_ID,
  'UsersService/UpdateProfile': NO_ID,
  'UsersService/ChangePassword': NO_ID,
  'UsersService/ListSessions': NO_ID,
  'UsersService/RevokeSession': ({ session = '' }) => ({ sessionId: session }),
  'UsersService/GetJwks': NO_ID,
  'UsersService/GetOpenIdConfiguration': NO_ID,
};

describe('what strangers hear of what is not theirs', () => {
  const rpcs = reachableRpcs(contract, 'malla.users.v1');
  let service: TestService;
  before(async () => {
    service = await startTestService();
  });
  after(() => service.stop());

  it('has a request or a reason for every RPC of the contract', () => {
    assert.deepEqual(Object.keys(HIDDEN).sort(), [...rpcs.keys()].sort());
  });

  it('is alike for what there is and what there is not', async () => {
    const target = `dns:///127.0.0.1:${service.port}`;
    const channel = openChannel({
      contract,
      service: 'svc-users',
      target,
      tls: await (await mesh).issue('edge-gateway'),
    });
    const owner = await registerSomebody(service.client);
    const { sessions } = await service.client.listSessions({ pageSize: 0, pageToken: '' }, as(owner.accessToken));
    const stranger = as((await registerSomebody(service.client)).accessToken);
    const ids = [sessions[0]?.sessionId ?? '', typeid('ses').toString()];
    for (const [name, requestOf] of Object.entries(HIDDEN)) {
      const rpc = rpcs.get(name);
      if (typeof requestOf === 'string' || !rpc) continue;
      const ask = (session: string) => answerWithoutIds(channel, rpc, requestOf, { session }, stranger);
      const [ofReal, ofNever] = [await ask(ids[0] ?? ''), await ask(ids[1] ?? '')];
      assert.equal(ofReal, ofNever, name);
      assert.match(ofReal, /SESSION_NOT_FOUND/);
    }
    channel.close();
  });
});

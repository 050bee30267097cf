import assert from 'node:assert/strict';
import { createTargets, TargetError } from '../../src/webhooks/targets.ts';

/** Addresses that nothing is sent to, by what they are. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  private: ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fc00::1', 'fd12:3456:789a::1', 'fec0::1'],
  loopback: ['127.0.0.1', '127.255.255.254', '::1'],
  unspecified: ['0.0.0.0', '0.1.2.3', '::'],
  'link-local': ['169.254.0.1', 'fe80::1', 'febf::1'],
  'the metadata of clouds': ['169.254.169.254', '100.100.100.200', 'fd00:ec2::254', '192.0.0.192', '168.63.129.16'],
  'shared by carriers': ['100.64.0.1', '100.127.255.255'],
  multicast: ['224.0.0.1', '239.255.255.255', 'ff02::1'],
  broadcast: ['255.255.255.255'],
  reserved: ['240.0.0.1', '192.0.2.1', '198.18.0.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1'],
  'IPv4 mapped into IPv6': ['::ffff:127.0.0.1', '::ffff:a00:1', '::ffff:8.8.8.8', '::ffff:0:7f00:1'],
  'compatible with IPv4': ['::127.0.0.1', '::7f00:1'],
  NAT64: ['64:ff9b::7f00:1', '64:ff9b:1::a00:1'],
  '6to4': ['2002:7f00:1::1', '2002:a00:1::'],
  Teredo: ['2001:0:4136:e378:8000:63bf:3fff:fdd2'],
  'of nobody': ['4000::1', 'e000::1', '100::1', '5f00::1'],
};
const PUBLIC = ['8.8.8.8', '1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700:4700::1111', '2a00:1450:4001::1'];

describe('The target of a webhook', () => {
  for (const [kind, addresses] of Object.entries(REFUSED)) {
    for (const address of addresses) {
      it(`is no address that is ${kind}: ${address}, as it is and behind a name`, async () => {
        await refused(urlOf(address));
        await refused('https://hooks.example.com/', address);
        // One of them is enough: which of them a connection takes is nobody's choice.
        await refused('https://hooks.example.com/', '8.8.8.8', address);
      });
    }
  }

  for (const address of PUBLIC) {
    it(`may be ${address}, as it is and behind a name`, async () => {
      assert.equal(await targets().faultOf(urlOf(address)), undefined);
      assert.deepEqual((await targets(address).resolve('https://hooks.example.com/')).addresses, [address]);
    });
  }

  for (const host of [
    ...['2130706433', '0x7f000001', '0x7f.1', '0177.0.0.1', '017700000001', '127.1', '127.0.1', '0', '0x0'],
    ...['127.0.0.1.', '0xa9fea9fe', '2852039166', '169.254.43518', '%31%32%37.0.0.1', '①②⑦.0.0.1', '127。0。0。1'],
    ...['[::]', '[0:0:0:0:0:ffff:7f00:1]', '[::ffff:7f00:0001]'],
  ]) {
    it(`is no address within, however it is spelt: ${host}`, () => refused(`https://${host}/`));
  }

  for (const host of [
    ...['localhost', 'LOCALHOST', 'localhost.', 'api.localhost', 'svc-users', 'svc-users.', 'printer.local'],
    ...['metadata.google.internal', 'router.home.arpa'],
  ]) {
    it(`is no name from within: ${host}, whatever name servers say of it`, () =>
      refused(`https://${host}/`, '8.8.8.8'));
  }

  for (const [text, fault] of [
    ['hooks.example.com/x', 'must be an absolute URL'],
    ['/hooks', 'must be an absolute URL'],
    ['https://', 'must be an absolute URL'],
    ['https://256.256.256.256/', 'must be an absolute URL'],
    ['https://hooks.example.com:99999/', 'must be an absolute URL'],
    ['https://[fe80::1%25eth0]/', 'must be an absolute URL'],
    ['http://hooks.example.com/', 'must start with https://'],
    ['ftp://hooks.example.com/', 'must start with https://'],
    ['file:///etc/passwd', 'must start with https://'],
    ['javascript:alert(1)', 'must start with https://'],
    ['https://user@hooks.example.com/', 'must hold no credentials'],
    ['https://:secret@hooks.example.com/', 'must hold no credentials'],
    ['https://hooks.example.com@127.0.0.1/', 'must hold no credentials'],
  ] as const) {
    it(`is not ${text}`, async () => assert.equal(await targets().faultOf(text), fault));
  }

  it('may be a name that is not found yet, but nothing is sent to it', async () => {
    const nowhere = createTargets([], async () => {
      throw new Error('ENOTFOUND');
    });
    for (const target of [nowhere, createTargets([], async () => [])]) {
      assert.equal(await target.faultOf('https://hooks.example.com/'), undefined);
      await rejects(target.resolve('https://hooks.example.com/'), 'HOST_UNRESOLVED');
    }
  });

  it('is no name whose name servers take their time', async () => {
    const slow = createTargets([], () => new Promise(() => undefined), 50);
    assert.equal(await slow.faultOf('https://hooks.example.com/'), 'must have a host that is found within 0.05 s');
    await rejects(slow.resolve('https://hooks.example.com/'), 'TIMEOUT');
  });

  it('is asked for each time: a name that led outside may lead inside a moment later', async () => {
    const answers = ['8.8.8.8', '127.0.0.1'];
    const rebinding = createTargets([], async () => [answers.shift() ?? '']);
    assert.equal(await rebinding.faultOf('https://hooks.example.com/'), undefined);
    await rejects(rebinding.resolve('https://hooks.example.com/'), 'ADDRESS_REFUSED');
  });

  it('may be anything on a host that is allowed, and only there', async () => {
    const allowing = createTargets(['localhost', '127.0.0.1:8080', '[::1]'], async () => ['127.0.0.1']);
    for (const url of ['http://localhost/', 'https://localhost:8443/', 'http://127.0.0.1:8080/', 'http://[::1]/']) {
      assert.equal(await allowing.faultOf(url), undefined, url);
    }
    for (const url of ['http://127.0.0.1/', 'https://127.0.0.1:8081/', 'https://x.localhost/', 'http://[::2]/']) {
      assert.notEqual(await allowing.faultOf(url), undefined, url);
    }
  });

  function targets(...addresses: string[]) {
    return createTargets([], async () => addresses);
  }

  function urlOf(address: string): string {
    return `https://${address.includes(':') ? `[${address}]` : address}/hooks`;
  }

  async function refused(url: string, ...addresses: string[]): Promise<void> {
    assert.equal(await targets(...addresses).faultOf(url), 'must have a host on the public internet');
    await rejects(targets(...addresses).resolve(url), 'ADDRESS_REFUSED');
  }

  async function rejects(resolving: Promise<unknown>, reason: TargetError['reason']): Promise<void> {
    await assert.rejects(resolving, (error) => error instanceof TargetError && error.reason === reason);
  }
});

import assert from 'node:assert/strict';
import { clientAddress } from '../../src/server/client-address.ts';

const FORMS: Readonly<Record<string, string | undefined>> = {
  '192.0.2.1': '192.0.2.1',
  ' 192.0.2.1 ': '192.0.2.1',
  '192.0.2.1:4711': '192.0.2.1',
  '[192.0.2.1]:4711': '192.0.2.1',
  '::ffff:192.0.2.1': '192.0.2.1',
  '::FFFF:c000:201': '192.0.2.1',
  '[::ffff:192.0.2.1]:4711': '192.0.2.1',
  '64:ff9b::192.0.2.1': '192.0.2.1',
  '2001:db8:0:1:2:3:4:5': '2001:db8:0:1::/64',
  '2001:DB8:0000:0001::ffff': '2001:db8:0:1::/64',
  '[2001:db8:0:1::9]': '2001:db8:0:1::/64',
  '[2001:db8:0:1::9]:4711': '2001:db8:0:1::/64',
  '2001:db8::1': '2001:db8::/64',
  '2001:db8:0:1::/64': '2001:db8:0:1::/64',
  'fe80::1%eth0': 'fe80::/64',
  '::1': '::/64',
  '::': '::/64',
  '': undefined,
  unknown: undefined,
  _hidden: undefined,
  '192.0.2': undefined,
  '192.0.2.1/64': undefined,
  '192.0.2.1%x': undefined,
  '192.0.2.1:port': undefined,
  '192.0.2.256': undefined,
  '3221225985': undefined,
  '0x7f.1': undefined,
  '2001:db8::1::2': undefined,
  '2001:db8::1/48': undefined,
  '[2001:db8::1': undefined,
  'localhost:80': undefined,
};

describe('clientAddress', () => {
  for (const [text, form] of Object.entries(FORMS)) {
    it(`reads ${JSON.stringify(text)} as ${form}`, () => assert.equal(clientAddress(text), form));
  }

  it('leaves what it made as it is', () => {
    for (const form of Object.values(FORMS)) if (form !== undefined) assert.equal(clientAddress(form), form);
  });
});

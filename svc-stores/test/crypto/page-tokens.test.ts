import assert from 'node:assert/strict';
import { createPageTokens } from '../../src/crypto/page-tokens.ts';

describe('page tokens', () => {
  const tokens = createPageTokens(new Uint8Array(32).fill(1));

  it('gives back what was written, for the same list', () => {
    const token = tokens.write(['list', { price: 5n }], ['a', 'b']);
    assert.deepEqual(tokens.read(['list', { price: 5n }], token), ['a', 'b']);
    assert.equal(tokens.write(['list'], [undefined]), '');
    assert.deepEqual(tokens.read(['list'], ''), []);
  });

  it('refuses every token that differs in one character, another list and another key', () => {
    const token = tokens.write(['list', { price: 5n }], ['a']);
    const changed = [...token].map((char, at) => token.slice(0, at) + (char === 'A' ? 'B' : 'A') + token.slice(at + 1));
    for (const other of [...changed, `${token}A`, `${token}=`, ` ${token}`, token.slice(0, -1)]) {
      assert.throws(() => tokens.read(['list', { price: 5n }], other), { reason: 'PAGE_TOKEN_INVALID' });
    }
    assert.throws(() => tokens.read(['list', { price: 6n }], token), { reason: 'PAGE_TOKEN_INVALID' });
    const others = createPageTokens(new Uint8Array(32).fill(2));
    assert.throws(() => others.read(['list', { price: 5n }], token), { reason: 'PAGE_TOKEN_INVALID' });
  });
});

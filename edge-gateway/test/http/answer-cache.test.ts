import assert from 'node:assert/strict';
import { create } from '@bufbuild/protobuf';
import { DurationSchema } from '@bufbuild/protobuf/wkt';
import { createAnswerCache } from '../../src/http/answer-cache.ts';
import { rpcOf } from '../support/contract.ts';

const rpc = rpcOf('TranscodingService/GetProduct');
const shortLived = { ...rpc, policy: { ...rpc.policy, cacheLifetime: create(DurationSchema, { nanos: 400_000_000 }) } };
const writes = rpcOf('TranscodingService/DeleteThing');
const answer = (body: string) => ({ contentType: 'text/plain', body, etag: undefined });
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('answer cache', () => {
  it('gives a stale answer once more while it fetches a new one behind it', async () => {
    const cache = createAnswerCache();
    let loads = 0;
    const load = async () => answer(String(++loads));
    assert.equal((await cache.get(shortLived, '/a', load)).body, '1');
    await sleep(450);
    assert.equal(cache.peek('/a'), undefined);
    assert.equal((await cache.get(shortLived, '/a', load)).body, '1');
    await sleep(0);
    assert.equal((await cache.get(shortLived, '/a', load)).body, '2');
  });

  it('gives no answer that was stale for longer than fresh', async () => {
    const cache = createAnswerCache();
    let loads = 0;
    const load = async () => answer(String(++loads));
    await cache.get(shortLived, '/a', load);
    await sleep(900);
    assert.equal((await cache.get(shortLived, '/a', load)).body, '2');
  });

  it('keeps a stale answer when fetching a new one fails', async () => {
    const cache = createAnswerCache();
    await cache.get(shortLived, '/a', async () => answer('1'));
    await sleep(450);
    const fails = async () => Promise.reject(new Error('away'));
    assert.equal((await cache.get(shortLived, '/a', fails)).body, '1');
  });

  it('forgets the answers of a path, whatever their query', async () => {
    const cache = createAnswerCache();
    for (const url of ['/a', '/a?x=1', '/ab', '/a/b']) await cache.get(rpc, url, async () => answer(url));
    cache.invalidateBy(writes, '/a');
    assert.deepEqual(
      ['/a', '/a?x=1', '/ab', '/a/b'].map((url) => cache.peek(url)?.body),
      [undefined, undefined, '/ab', '/a/b'],
    );
  });

  it('forgets all answers of the RPCs that a policy names, whatever their paths', async () => {
    const cache = createAnswerCache();
    for (const url of ['/a', '/b?x=1']) await cache.get(rpc, url, async () => answer(url));
    cache.invalidateBy(rpcOf('TranscodingService/CancelThing'), '/c');
    assert.deepEqual([cache.peek('/a'), cache.peek('/b?x=1')], [undefined, undefined]);
  });

  it('keeps the answers when an RPC without side effects was called', async () => {
    const cache = createAnswerCache();
    await cache.get(rpc, '/a', async () => answer('1'));
    cache.invalidateBy(rpcOf('TranscodingService/GetThing'), '/a');
    assert.equal(cache.peek('/a')?.body, '1');
  });

  it('keeps nothing of what was fetched before an invalidation', async () => {
    const cache = createAnswerCache();
    const slow = Promise.withResolvers<void>();
    let loads = 0;
    const load = async () => {
      const mine = ++loads;
      if (mine === 1) await slow.promise;
      return answer(String(mine));
    };
    const asked = cache.get(rpc, '/a', load);
    cache.invalidateBy(writes, '/a');
    slow.resolve();
    assert.equal((await asked).body, '1');
    assert.equal(cache.peek('/a'), undefined);
    assert.equal((await cache.get(rpc, '/a', load)).body, '2');
  });

  it('takes bounded memory', async () => {
    const cache = createAnswerCache();
    const body = 'x'.repeat(1_000_000);
    for (let index = 0; index < 200; index += 1) await cache.get(rpc, `/${index}`, async () => answer(body));
    const kept = Array.from({ length: 200 }, (_, index) => cache.peek(`/${index}`)).filter(Boolean);
    assert.ok(kept.length > 0 && kept.length < 17, String(kept.length));
    assert.ok(cache.peek('/199'));
  });
});

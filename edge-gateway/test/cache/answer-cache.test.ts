import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { create } from '@bufbuild/protobuf';
import { DurationSchema } from '@bufbuild/protobuf/wkt';
import { createAnswerCache } from '../../src/cache/answer-cache.ts';
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

  it('forgets an answer that was fetched anew as well, and one that is just being fetched anew', async () => {
    const cache = createAnswerCache();
    const load = async () => answer('x');
    const invalidations = [
      () => cache.invalidateBy(writes, '/a'),
      () => cache.invalidateBy(rpcOf('TranscodingService/CancelThing'), '/c'),
    ];
    for (const invalidate of invalidations) {
      await cache.get(shortLived, '/a', load);
      await sleep(450);
      await cache.get(shortLived, '/a', load);
      await sleep(10);
      assert.equal(cache.peek('/a')?.body, 'x');
      invalidate();
      assert.equal(cache.peek('/a'), undefined);
      await cache.get(shortLived, '/a', load);
      await sleep(450);
      await cache.get(shortLived, '/a', load);
      invalidate();
      await sleep(10);
      assert.equal(cache.peek('/a'), undefined);
    }
  });

  it('knows a URL in all its spellings', async () => {
    const cache = createAnswerCache();
    const load = async () => answer('1');
    await cache.get(rpc, 'https://shop.test/%61/%3a%2F?x=%61', load);
    assert.equal(cache.peek('/a/:%2f?x=%61')?.body, '1');
    assert.equal(cache.peek('/a/:/?x=%61'), undefined);
    assert.equal(cache.peek('/a/:%252F?x=%61'), undefined);
    cache.invalidateBy(writes, '/%61/:%2f');
    assert.equal(cache.peek('/a/:%2f?x=%61'), undefined);
  });

  it('remembers nothing of what could not be fetched', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const cache = createAnswerCache();
    const fails = async () => Promise.reject(new Error('there is none'));
    const ask = async (from: number, to: number) => {
      for (let at = from; at < to; at += 1) await cache.get(rpc, `/v1/products/${at}`, fails).catch(() => undefined);
      collect();
      return process.memoryUsage().heapUsed;
    };
    const before = await ask(0, 5_000);
    const grown = (await ask(5_000, 45_000)) - before;
    assert.ok(grown < 4_000_000, `${grown} bytes for 40,000 failures`);
    assert.equal(cache.peek('/v1/products/1'), undefined);
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

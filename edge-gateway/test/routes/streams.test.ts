import assert from 'node:assert/strict';
import { DomainError } from '@malla/chassis/errors';
import { toStatus } from '@malla/chassis/status';
import { jsonOf } from '../support/fakes.ts';
import { createTestGateway, type TestGateway } from '../support/gateway.ts';
import { assertProblem } from '../support/problems.ts';
import type { StreamFake } from '../support/upstream.ts';

/** Answers the changes after a token; fails at one when told to. */
const watchThings: StreamFake = (request, call, write) => {
  const json = jsonOf('TranscodingService/WatchThings', request);
  const [after, until, failAt] = [json.resumeToken, json.until, json.failAt].map((value) => Number(value ?? 0));
  for (let at = Number(after) + 1; at <= Number(until); at += 1) {
    if (at === failAt)
      return call.emit('error', toStatus(new DomainError('exhausted', 'TOO_MANY', 'Too many changes.')));
    write({ resumeToken: String(at), text: `change ${at}` });
  }
  call.end();
};

describe('server streams', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await createTestGateway({ fakes: { streams: { 'TranscodingService/WatchThings': watchThings } } });
  });
  after(() => gateway.stop());

  const watch = (query: string, accept?: string, more = {}) =>
    gateway.app.inject({ url: `/v1/testing/things:watch?${query}`, headers: { ...(accept && { accept }), ...more } });
  const change = (at: number) => ({ resumeToken: String(at), text: `change ${at}` });

  it('are a JSON array for who does not say', async () => {
    const answer = await watch('until=3');
    assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8');
    assert.deepEqual(answer.json(), [change(1), change(2), change(3)]);
    assert.deepEqual((await watch('')).json(), []);
  });

  it('are NDJSON for who accepts that', async () => {
    const answer = await watch('until=2', 'application/x-ndjson');
    assert.equal(answer.headers['content-type'], 'application/x-ndjson; charset=utf-8');
    assert.equal(answer.body, `${JSON.stringify(change(1))}\n${JSON.stringify(change(2))}\n`);
  });

  it('are server-sent events for who accepts those, with ids to resume by and an end', async () => {
    const answer = await watch('until=2', 'text/event-stream');
    assert.equal(answer.headers['content-type'], 'text/event-stream; charset=utf-8');
    assert.equal(answer.headers['cache-control'], 'no-store');
    const events = [1, 2].map((at) => `id: ${at}\ndata: ${JSON.stringify(change(at))}\n\n`);
    assert.equal(answer.body, `${events.join('')}event: end\ndata: {}\n\n`);
  });

  it('are known by their own name, with its parameter', async () => {
    const answer = await watch('until=1', 'text/event-stream;charset=utf-8');
    assert.equal(answer.headers['content-type'], 'text/event-stream; charset=utf-8');
  });

  it('go on after Last-Event-ID, whatever the URL says', async () => {
    const answer = await watch('until=4&resumeToken=1', 'text/event-stream', { 'last-event-id': '3' });
    assert.deepEqual(answer.body.match(/id: \d+/g), ['id: 4']);
    assertProblem(await watch('until=4', 'text/event-stream', { 'last-event-id': 'x' }), 400, 'MESSAGE_INVALID');
  });

  it('answer 406 for what there is not', async () => {
    assertProblem(await watch('until=1', 'text/html'), 406, 'NOT_ACCEPTABLE');
  });

  it('fail with a status of their own before the first message', async () => {
    assertProblem(await watch('until=3&failAt=1'), 429, 'TOO_MANY');
    assertProblem(await watch('until=x'), 400, 'MESSAGE_INVALID');
  });

  it('tell a failure in the middle by a last element, line or event', async () => {
    const array = (await watch('until=3&failAt=3')).json();
    assert.equal(array.length, 3);
    assert.equal(array[2].error.reason, 'TOO_MANY');
    const lines = (await watch('until=3&failAt=3', 'application/x-ndjson')).body.trim().split('\n');
    assert.equal(JSON.parse(lines[2] ?? '').error.status, 429);
    const events = (await watch('until=3&failAt=3', 'text/event-stream')).body.trim().split('\n\n');
    const [name, data] = (events[2] ?? '').split('\n');
    assert.equal(name, 'event: error');
    assert.equal(JSON.parse(data?.slice('data: '.length) ?? '').detail, 'Too many changes.');
    assert.equal(events.length, 3);
  });

  it('answer HEAD without holding the call', async () => {
    const head = await gateway.app.inject({ method: 'HEAD', url: '/v1/testing/things:watch?until=5' });
    assert.equal(head.statusCode, 200);
    assert.equal(head.body, '');
  });
});

import { type JsonObject, type Message, toJson } from '@bufbuild/protobuf';
import { DomainError, type ErrorKind } from '@malla/chassis/errors';
import { contract, rpcOf } from './contract.ts';
import type { UnaryCall, UnaryFake } from './upstream.ts';

/** The JSON of a request that came. */
export function jsonOf(rpc: string, request: Message): JsonObject {
  return toJson(rpcOf(rpc).method.input, request, { registry: contract.registry }) as JsonObject;
}

/** What the fake of `svc-testing` answers, unless a test says otherwise. */
export const FAKES: Readonly<Record<string, UnaryFake>> = {
  'EchoService/Echo': (request, call) => ({ ...jsonOf('EchoService/Echo', request), caller: caller(call) }),
  'EchoService/EchoUser': (request, call) => ({ ...jsonOf('EchoService/EchoUser', request), caller: caller(call) }),
  'EchoService/EchoLive': () => {
    throw new DomainError('unauthenticated', 'SESSION_REVOKED', 'The session of the token has ended.');
  },
  'TranscodingService/GetThing': (request) => {
    const { thingId = '' } = jsonOf('TranscodingService/GetThing', request);
    return { thing: { thingId, etag: `v-${thingId}`, email: 'x'.repeat(thingId === 'large' ? 10_000 : 1) } };
  },
  'TranscodingService/ListThings': (request) => ({ request: jsonOf('TranscodingService/ListThings', request) }),
  'TranscodingService/CreateThing': (request) => {
    const { thing = {} } = jsonOf('TranscodingService/CreateThing', request);
    return { thing };
  },
  'TranscodingService/UpdateThing': (request) => {
    const { thing, updateMask = '' } = jsonOf('TranscodingService/UpdateThing', request) as Record<string, JsonObject>;
    if (thing?.etag === 'stale') throw new DomainError('aborted', 'ETAG_MISMATCH', 'The thing has changed since.');
    return { thing: { ...thing, tags: String(updateMask).split(',').filter(Boolean) } };
  },
  'TranscodingService/DeleteThing': (request) => {
    const { etag = '' } = jsonOf('TranscodingService/DeleteThing', request);
    return { etag };
  },
  'TranscodingService/ArchiveThing': (request) => {
    const { etag = '' } = jsonOf('TranscodingService/ArchiveThing', request);
    return { etag };
  },
  'TranscodingService/CancelThing': (request) => jsonOf('TranscodingService/CancelThing', request),
  'TranscodingService/PurgeThing': (request) => jsonOf('TranscodingService/PurgeThing', request),
  'TranscodingService/GetProduct': (request) => {
    const { name = '' } = jsonOf('TranscodingService/GetProduct', request);
    return { name };
  },
  'RulesService/CheckRules': (request) => ({ request: jsonOf('RulesService/CheckRules', request) }),
  'RulesService/CheckSums': () => ({}),
  'RulesService/UpdateNode': (request) => {
    const { updateMask } = request as unknown as { readonly updateMask?: { readonly paths: string[] } };
    return { paths: updateMask?.paths ?? ['none'] };
  },
  'RulesService/DeleteNode': (request) => {
    const { etag = '' } = jsonOf('RulesService/DeleteNode', request);
    return { etag };
  },
  'TranscodingService/Fail': (request) => fail(jsonOf('TranscodingService/Fail', request)),
};

const KINDS: Readonly<Record<number, ErrorKind>> = {
  3: 'invalid',
  5: 'not-found',
  6: 'already-exists',
  7: 'forbidden',
  8: 'exhausted',
  9: 'precondition',
  10: 'aborted',
  14: 'unavailable',
  16: 'unauthenticated',
};

async function fail({ code = 0, message = '', reason, field, retryDelay, waitMs }: JsonObject): Promise<JsonObject> {
  if (waitMs) await new Promise((resolve) => setTimeout(resolve, Number(waitMs)).unref());
  const kind = KINDS[Number(code)];
  if (reason && kind) {
    const fields = field ? [{ field: String(field), reason: 'RULE', description: 'breaks the rule' }] : [];
    const delay = retryDelay ? { retryAfterMs: Number.parseFloat(String(retryDelay)) * 1000 } : {};
    throw new DomainError(kind, String(reason), String(message), { fields, ...delay });
  }
  if (code) throw Object.assign(new Error(), { code, details: message });
  return {};
}

function caller({ metadata }: UnaryCall): string {
  return String(metadata.get('authorization')[0] ?? '').slice(0, 'Bearer eyJ'.length);
}

import { type DescField, getOption, type JsonValue, type Registry } from '@bufbuild/protobuf';
import { field as fieldRules } from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js';
import type { Fault, PlacedFault } from '../faults.ts';
import { canonicaliser } from '../json/canonical-json.ts';
import { isObject, type JsonWalk } from '../json/json-walk.ts';
import type { ParsedJson } from '../json/strict-json.ts';
import type { Binding } from '../routing/binding.ts';
import type { MessagePart } from './encode-message.ts';
import { compileQuery, parseQuery } from './query.ts';
import { compileBody, type HttpBody } from './request-body.ts';
import { resumeFieldOf } from './resume-field.ts';
import { setText, type TextField, textField } from './text-field.ts';
import { deriveMask, maskTargetOf } from './update-mask.ts';

/** The parts of a client's request for an RPC. */
export interface RequestParts {
  /** The captures of the path's variables, in their order. */
  readonly captures: readonly string[];
  /** The query without its question mark; empty when there is none. */
  readonly query: string;
  /** JSON, or raw bytes where the contract says `google.api.HttpBody`. */
  readonly body: ParsedJson | HttpBody | undefined;
  /** The etag of `If-Match`, without its quotes. */
  readonly ifMatch?: string;
  /** `Last-Event-ID`. */
  readonly lastEventId?: string;
}

/** A request put together: the message's JSON, which is not validated yet. */
export interface AssembledRequest {
  readonly json: JsonValue;
  /** The faults so far: of fields, and of query parameters that are not fields. */
  readonly faults: readonly PlacedFault[];
  readonly strangers: readonly Fault[];
  /** The parts that are not JSON: the update mask derived from the body, and a raw body. */
  readonly parts: readonly MessagePart[];
}

/** Puts the requests of one binding together. */
export interface RequestAssembler {
  /** @throws TranscodingError when the query is malformed. */
  assemble(parts: RequestParts): AssembledRequest;
  /** The field that `If-Match` sets; undefined when the request has no etag. */
  readonly etag: TextField | undefined;
  /** True when the rules of that field require it in every request. */
  readonly etagRequired: boolean;
}

/** Compiles the assembly of a binding's requests: body, then query, then path and headers. */
export function compileAssembler(binding: Binding, registry: Registry): RequestAssembler {
  const { rpc } = binding;
  const canonicalise = canonicaliser(rpc.method.input);
  const readQuery = compileQuery(binding);
  const readBody = compileBody(binding);
  const pathFields = binding.pathFields.map((path) => textField(path) as TextField);
  const maskTarget = maskTargetOf(binding);
  const etag = etagField(binding);
  const resumeField = rpc.method.methodKind === 'server_streaming' ? resumeFieldOf(rpc.method.input) : undefined;
  const resume = resumeField && textField([resumeField]);
  return {
    etag,
    etagRequired: etag !== undefined && isRequired(etag.field),
    assemble: ({ captures, query, body, ifMatch, lastEventId }) => {
      const { sent, inexact, parts } = readBody(body);
      const walk: JsonWalk = { inexact, registry, path: [], faults: [], strangers: [] };
      const json = canonicalise(sent, walk);
      const { faults, strangers } = walk;
      if (!isObject(json)) return { json, faults, strangers, parts };
      if (query !== '') readQuery(parseQuery(query), json, walk);
      for (const [index, field] of pathFields.entries()) setText(json, field, captures[index] ?? '', walk);
      if (ifMatch !== undefined && etag) setText(json, etag, ifMatch, walk);
      // A browser connects again to the same URL: what that says of the token is older.
      if (lastEventId !== undefined && resume) json[resume.field.jsonName] = resume.toJson(lastEventId, walk);
      const mask = maskTarget && deriveMask(maskTarget, json, body);
      if (!mask) return { json, faults, strangers, parts };
      // The schema sees that there is a mask. Its JSON could not name every field.
      json[mask.field.jsonName] = '';
      return { json, faults, strangers, parts: [...parts, mask] };
    },
  };
}

/**
 * The `etag` of the request itself, or of the resource that is its body (AIP-154). A `POST` of a resource makes one, of which there
 * is no version yet.
 */
function etagField({ rpc, body, httpMethod }: Binding): TextField | undefined {
  const own = rpc.method.input.fields.find(({ name }) => name === 'etag');
  if (own) return textField([own]);
  const resource = typeof body === 'object' && httpMethod !== 'POST' ? body : undefined;
  const inner = resource?.message?.fields.find(({ name }) => name === 'etag');
  return resource && inner && textField([resource, inner]);
}

function isRequired(field: DescField): boolean {
  const { required, type } = getOption(field, fieldRules);
  return required || (type.case === 'string' && type.value.minLen > 0n);
}

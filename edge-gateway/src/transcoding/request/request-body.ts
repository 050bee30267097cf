import { create, type DescMessage, type JsonValue } from '@bufbuild/protobuf';
import { base64Encode } from '@bufbuild/protobuf/wire';
import { type HttpBody, HttpBodySchema } from '@malla/proto/google/api/httpbody.pb';
import type { ParsedJson } from '../json/strict-json.ts';
import type { Binding } from '../routing/binding.ts';
import type { MessagePart } from './encode-message.ts';

export type { HttpBody };

/** The content of a body: JSON of the message, and parts that are not JSON. */
interface ReadBody {
  readonly sent: JsonValue;
  readonly inexact: ReadonlySet<number> | undefined;
  readonly parts: readonly MessagePart[];
}

const NOTHING: ReadBody = { sent: {}, inexact: undefined, parts: [] };

/** Returns true when a message is `google.api.HttpBody`: raw bytes with a media type of their own. */
export function isHttpBody(message: DescMessage | undefined): boolean {
  return message?.typeName === HttpBodySchema.typeName;
}

/** Returns true when the body of a binding's requests is raw bytes. */
export function takesRawBody({ body, rpc }: Binding): boolean {
  return isHttpBody(body === 'message' ? rpc.method.input : body?.message);
}

/** A raw body as a message. */
export function rawBody(contentType: string, data: Uint8Array): HttpBody {
  return create(HttpBodySchema, { contentType, data });
}

/** Compiles the reading of a binding's body. */
export function compileBody({ body: target }: Binding): (body: ParsedJson | HttpBody | undefined) => ReadBody {
  return (body) => {
    if (body === undefined || target === undefined) return NOTHING;
    if ('value' in body) {
      const sent = target === 'message' ? body.value : { [target.jsonName]: body.value };
      return { sent, inexact: body.inexact, parts: [] };
    }
    if (target !== 'message') {
      return { ...NOTHING, sent: { [target.jsonName]: {} }, parts: [{ field: target, value: body }] };
    }
    return { ...NOTHING, sent: { contentType: body.contentType, data: base64Encode(body.data) } };
  };
}

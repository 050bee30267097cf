import { type Fault, invalidRequest, TranscodingError } from './faults.ts';
import { toJsonPath } from './json/message-path.ts';
import { type Codec, encodeMessage } from './request/encode-message.ts';
import { type AssembledRequest, compileAssembler, type RequestAssembler } from './request/request-assembler.ts';
import { requestFaults } from './request/request-faults.ts';
import { compileTextNames, type NameInText } from './request/text-names.ts';
import { compileElement, compileResponse, type DecodeResponse, type StreamElement } from './response/response.ts';
import type { Binding } from './routing/binding.ts';
import type { SchemaError } from './schema/explain.ts';

/** The translation of one binding, compiled once. Fields are named as the client's own JSON names them. */
export interface Transcoder extends RequestAssembler {
  readonly binding: Binding;
  /** The bytes of the request message. @throws TranscodingError naming every field that breaks a rule. */
  encode(request: AssembledRequest): Uint8Array;
  /** Returns the faults of a request that the assembler or the schema refused. */
  explain(request: AssembledRequest, errors: readonly SchemaError[]): TranscodingError;
  readonly decode: DecodeResponse;
  /** One message of a stream. */
  readonly decodeElement: (bytes: Uint8Array) => StreamElement;
  /** The client's name of a field that a service names by its path in the message. */
  fieldName(path: string): string;
  /** A text of a service in the names of the client's JSON. */
  readonly nameInText: NameInText;
}

/** Compiles the translation of a binding. */
export function compileTranscoder(binding: Binding, codec: Codec): Transcoder {
  const { input, output } = binding.rpc.method;
  const bodyPrefix = typeof binding.body === 'object' ? `${binding.body.jsonName}.` : undefined;
  const clientName = (field: string) =>
    bodyPrefix !== undefined && field.startsWith(bodyPrefix) ? field.slice(bodyPrefix.length) : field;
  const renamed = (faults: readonly Fault[], strangers: readonly Fault[] = []) =>
    invalidRequest([
      ...strangers,
      ...faults.map(({ field, reason, message }) => ({ field: clientName(field), reason, message })),
    ]);
  return {
    ...compileAssembler(binding, codec.registry),
    binding,
    encode: ({ json, parts }) => {
      try {
        return encodeMessage(codec, input, json, parts);
      } catch (error) {
        throw error instanceof TranscodingError ? renamed(error.faults) : error;
      }
    },
    explain: (request, errors) => renamed(requestFaults(codec, input, request, errors), request.strangers),
    decode: compileResponse(binding, codec.registry),
    decodeElement: compileElement(binding, codec.registry),
    fieldName: (path) => clientName(toJsonPath(input, path)),
    nameInText: compileTextNames([input, output]),
  };
}

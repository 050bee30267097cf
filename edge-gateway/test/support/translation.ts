import type { DescMessage, FileRegistry, JsonValue, Message } from '@bufbuild/protobuf';
import { createValidator, type Validator } from '@bufbuild/protovalidate';
import { ruleCheckOf } from '@malla/chassis/rule-check';
import fastify from 'fastify';
import { type Fault, invalidRequest, type PlacedFault } from '../../src/transcoding/faults.ts';
import { canonicaliser } from '../../src/transcoding/json/canonical-json.ts';
import { parseStrictJson } from '../../src/transcoding/json/strict-json.ts';
import { type Codec, messageOf } from '../../src/transcoding/request/encode-message.ts';
import { requestFaults } from '../../src/transcoding/request/request-faults.ts';
import { AJV } from '../../src/transcoding/schema/ajv-options.ts';
import type { SchemaError } from '../../src/transcoding/schema/explain.ts';
import { messageSchemas } from '../../src/transcoding/schema/message-schema.ts';

type Validate = ((json: JsonValue) => boolean) & { errors?: SchemaError[] | null };

interface Canonical {
  readonly json: JsonValue;
  readonly faults: readonly PlacedFault[];
}

/** The gateway's way from JSON to a message, step by step. */
export interface Translation {
  readonly codec: Codec;
  /** The canonical form of a JSON text, and what the walk found wrong. @throws TranscodingError */
  canonical(type: DescMessage, text: string | Uint8Array): Canonical;
  /** Whether the derived JSON Schema takes a canonical form. */
  accepts(type: DescMessage, json: JsonValue): boolean;
  /** Everything that the gateway says of a canonical form that has faults or that its schema refuses. */
  explain(type: DescMessage, canonical: Canonical): Fault[];
  /** All steps. @throws TranscodingError */
  read(type: DescMessage, text: string | Uint8Array): Message;
}

/** Compiles the derived schemas as Fastify does for routes. */
export async function createTranslation(registry: FileRegistry, types: readonly DescMessage[]): Promise<Translation> {
  const codec: Codec = { registry, check: ruleCheckOf(registry) };
  const validators = await compile(types, createValidator({ registry }));
  const validatorOf = (type: DescMessage) => validators.get(type.typeName) as Validate;
  const translation: Translation = {
    codec,
    canonical: (type, text) => {
      const { value, inexact } = parseStrictJson(Buffer.from(text as string));
      const faults: PlacedFault[] = [];
      return { json: canonicaliser(type)(value, { inexact, registry, path: [], faults, strangers: [] }), faults };
    },
    accepts: (type, json) => validatorOf(type)(json),
    explain: (type, { json, faults }) => {
      const validate = validatorOf(type);
      const valid = validate(json);
      if (valid && faults.length === 0) return [];
      const request = { json, faults, strangers: [], parts: [] };
      return requestFaults(codec, type, request, valid ? [] : (validate.errors ?? []));
    },
    read: (type, text) => {
      const canonical = translation.canonical(type, text);
      const faults = translation.explain(type, canonical);
      if (faults.length > 0) throw invalidRequest(faults);
      return messageOf(codec, type, canonical.json);
    },
  };
  return translation;
}

async function compile(types: readonly DescMessage[], validator: Validator): Promise<ReadonlyMap<string, Validate>> {
  const app = fastify({ ajv: AJV as object });
  for (const schema of messageSchemas(types, validator).values()) app.addSchema(schema);
  const validators = new Map<string, Validate>();
  app.get('/', async (request) => {
    for (const { typeName } of types) {
      validators.set(typeName, request.compileValidationSchema({ $ref: `${typeName}#` }) as unknown as Validate);
    }
  });
  await app.inject('/');
  return validators;
}

import { type DescMessage, type FileRegistry, fromBinary, type Message, toBinary, toJson } from '@bufbuild/protobuf';
import { JSON_WRITE_OPTIONS } from '../../src/transcoding/json/json-options.ts';
import { compileJsonWriter } from '../../src/transcoding/response/json-writer/json-writer.ts';
import { createTranslation } from '../support/translation.ts';
import type { Translate } from './protocol.ts';

/** Translates with the functions that the gateway uses, in their order, each as strict as there. */
export async function createTranslate(registry: FileRegistry): Promise<Translate> {
  const types = [...registry].filter((type) => type.kind === 'message' && type.typeName.includes('TestAllTypes'));
  const translation = await createTranslation(registry, types as DescMessage[]);
  const direct = new Map((types as DescMessage[]).map((type) => [type, compileJsonWriter(type, registry)]));
  return ({ type, input, output }) => {
    let message: Message;
    try {
      message = input.format === 'json' ? translation.read(type, input.bytes) : fromBinary(type, input.bytes);
    } catch (error) {
      return { parseError: (error as Error).message };
    }
    try {
      if (output === 'protobuf') return { bytes: toBinary(type, message) };
      const text = input.format === 'protobuf' ? direct.get(type)?.(input.bytes) : undefined;
      return { bytes: text ?? Buffer.from(JSON.stringify(toJson(type, message, { ...JSON_WRITE_OPTIONS, registry }))) };
    } catch (error) {
      return { serializeError: (error as Error).message };
    }
  };
}

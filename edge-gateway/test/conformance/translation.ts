import { type DescMessage, type FileRegistry, fromBinary, type Message, toBinary } from '@bufbuild/protobuf';
import { compileBytesToJson } from '../../src/transcoding/message-reader.ts';
import { createTranslation } from '../support/translation.ts';
import type { Translate } from './protocol.ts';

/** Translates with the functions that the gateway uses, in their order, each as strict as there. */
export async function createTranslate(registry: FileRegistry): Promise<Translate> {
  const types = [...registry].filter((type) => type.kind === 'message' && type.typeName.includes('TestAllTypes'));
  const translation = await createTranslation(registry, types as DescMessage[]);
  return ({ type, input, output }) => {
    let message: Message;
    try {
      message = input.format === 'json' ? translation.read(type, input.bytes) : fromBinary(type, input.bytes);
    } catch (error) {
      return { parseError: (error as Error).message };
    }
    try {
      if (output === 'protobuf') return { bytes: toBinary(type, message) };
      const bytes = input.format === 'json' ? toBinary(type, message) : input.bytes;
      return { bytes: Buffer.from(JSON.stringify(compileBytesToJson(type, registry)(bytes))) };
    } catch (error) {
      return { serializeError: (error as Error).message };
    }
  };
}

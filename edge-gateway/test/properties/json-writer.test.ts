import assert from 'node:assert/strict';
import { type DescMessage, fromBinary, type Registry, toBinary, toJson } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { JSON_WRITE_OPTIONS } from '../../src/transcoding/json/json-options.ts';
import { compileJsonWriter } from '../../src/transcoding/response/json-writer/json-writer.ts';
import { createTranslation } from '../support/translation.ts';
import { jsonOf, registries } from './arbitraries.ts';

const CASES = Number(process.env.PROPERTY_CASES ?? 2_000);
const SETS = Math.ceil(CASES / 100);
const MESSAGES_PER_SET = 34;

/** What the library writes; undefined when it refuses. */
function byLibrary(type: DescMessage, bytes: Uint8Array, registry: Registry): string | undefined {
  try {
    const message = fromBinary(type, bytes, { readUnknownFields: false });
    return JSON.stringify(toJson(type, message, { ...JSON_WRITE_OPTIONS, registry }));
  } catch {
    return undefined;
  }
}

/** Bytes with a piece cut out, doubled, moved, or made another. */
const damage = (bytes: Uint8Array) =>
  fc
    .tuple(fc.nat(bytes.length), fc.nat(bytes.length), fc.nat(255), fc.constantFrom(0, 1, 2, 3, 4))
    .map(([a, b, byte, how]) => {
      const [from, to] = a < b ? [a, b] : [b, a];
      const [head, piece, tail] = [bytes.subarray(0, from), bytes.subarray(from, to), bytes.subarray(to)];
      if (how === 0) return Buffer.concat([head, tail]);
      if (how === 1) return Buffer.concat([head, piece, piece, tail]);
      if (how === 2) return Buffer.concat([tail, piece, head]);
      if (how === 3) return Buffer.concat([head, Buffer.of(byte), tail]);
      return Buffer.concat([head, Buffer.of(byte), piece.subarray(1), tail]);
    });

describe('properties of JSON without the message in between', function () {
  this.timeout(CASES * 100);

  it('is that of the library, for messages as encoders write them and for damaged ones', async () => {
    let taken = 0;
    let refused = 0;
    for (const registry of fc.sample(registries, SETS)) {
      const types = [...registry].filter((type) => type.kind === 'message' && !type.typeName.startsWith('google.'));
      const translation = await createTranslation(registry, types as DescMessage[]);
      for (const type of types as DescMessage[]) {
        const direct = compileJsonWriter(type, registry);
        const bytesOf = jsonOf(type).map((json) => toBinary(type, translation.read(type, JSON.stringify(json))));
        fc.assert(
          fc.property(
            bytesOf.chain((bytes) => fc.tuple(fc.constant(bytes), damage(bytes), damage(bytes))),
            (variants) => {
              for (const [index, bytes] of variants.entries()) {
                const text = direct(bytes)?.toString();
                if (text === undefined && index > 0) refused += 1;
                if (text === undefined) continue;
                if (index === 0) taken += 1;
                assert.equal(text, byLibrary(type, bytes, registry));
              }
            },
          ),
          { numRuns: Math.ceil(MESSAGES_PER_SET / types.length) },
        );
      }
    }
    assert.ok(taken > CASES / 10, `${taken} messages were taken`);
    assert.ok(refused > CASES / 10, `${refused} damaged ones were refused`);
  });
});

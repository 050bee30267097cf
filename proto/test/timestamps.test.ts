import assert from 'node:assert/strict';
import { Timestamp } from '@malla/proto/google/protobuf/timestamp';
import { Price } from '@malla/proto/malla/stores/v1/variant';

/** A message whose end is a time of the wire, as another language may have written it. */
function decodedEnd(seconds: bigint, nanos: number): Date | undefined {
  const time = Timestamp.encode({ seconds, nanos }).finish();
  return Price.decode(Uint8Array.from([0x22, time.length, ...time])).endTime;
}

describe('times of generated code', () => {
  it('round down to a millisecond, and never leave the bounds that they were checked by', () => {
    assert.equal(decodedEnd(253_402_300_798n, 999_999_999)?.toISOString(), '9999-12-31T23:59:58.999Z');
    assert.equal(decodedEnd(1_790_000_000n, 999_999_999)?.getTime(), 1_790_000_000_999);
    assert.equal(decodedEnd(-1n, 999_999_999)?.toISOString(), '1969-12-31T23:59:59.999Z');
  });

  it('are valid timestamps before 1970 too, and come back as they were', () => {
    for (const text of ['0001-01-01T00:00:00.001Z', '1969-12-31T23:59:59.500Z', '9999-12-31T23:59:58.999Z']) {
      const bytes = Price.encode({ ...Price.create(), endTime: new Date(text) }).finish();
      const { nanos } = Timestamp.decode(bytes.subarray(2));
      assert.ok(nanos >= 0 && nanos < 1_000_000_000, `${text}: ${nanos}`);
      assert.equal(Price.decode(bytes).endTime?.toISOString(), text);
    }
  });
});

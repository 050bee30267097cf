import assert from 'node:assert/strict';
import { refuseCardNumbers } from '../../src/cards/card-guard.ts';

describe('refuseCardNumbers', () => {
  const CARD = '4242424242424242';

  it('refuses one wherever a client may write it, and says where that is', () => {
    const refused: [message: object, field: string][] = [
      [{ displayName: CARD }, 'display_name'],
      [{ amount: { amountMinor: BigInt(CARD) } }, 'amount.amount_minor'],
      [{ amount: { amountMinor: -BigInt(CARD) } }, 'amount.amount_minor'],
      [{ score: Number(CARD) }, 'score'],
      [{ lines: [{ note: '' }, { note: CARD }] }, 'lines[1].note'],
      [{ labels: { [CARD]: 'x' } }, 'labels'],
      [{ kind: { case: 'freeText', value: CARD } }, 'free_text'],
    ];
    for (const [message, field] of refused) {
      assert.throws(
        () => refuseCardNumbers(message),
        ({ details }) => details.fields[0].field === field && !JSON.stringify(details).includes(CARD),
      );
    }
  });

  it('lets the numbers of ordinary business be', () => {
    for (const number of [
      1_764_353_000_000_000n,
      999_999_999_999_999n,
      0.4242424242424242,
      4.242424242424242,
      1e21,
      -1,
    ]) {
      refuseCardNumbers({ number });
    }
  });

  it('leaves bytes alone', () => refuseCardNumbers({ content: Buffer.from(CARD) }));
});

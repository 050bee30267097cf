import { randomUUID } from 'node:crypto';
import { TypeID } from 'typeid-js';
import type { Client } from './client.ts';
import type { Databases } from './databases.ts';
import { type Market, newPerson, type Person } from './market.ts';
import type { Random } from './random.ts';

const ENDS = ['expires', 'capture', 'captures-a-part', 'void', 'automatic'] as const;
const TOKENS = ['tok_success', 'tok_answer_lost', 'tok_fails_first', 'tok_notified_early'];

/** Pays stores without a purchase: authorised first, and then captured, in part or whole, voided, or forgotten until it expires. */
export async function pay(client: Client, market: Market, databases: Databases, random: Random, count: number) {
  const payer = await newPerson(client);
  for (let at = 0; at < count; at += 1) {
    await payOnce(client, payer, market, databases, random, ENDS[at % ENDS.length] as (typeof ENDS)[number]);
  }
}

async function payOnce(
  client: Client,
  payer: Person,
  market: Market,
  databases: Databases,
  random: Random,
  end: (typeof ENDS)[number],
): Promise<void> {
  const { storeId, owner } = random.pick(market.stores);
  const body = { token: random.pick(TOKENS) };
  const method = await client.must('POST', '/v1/transactions/paymentMethods', { ...payer, body, key: randomUUID() });
  const amountMinor = 100 + random.int(10_000);
  const payment = await client.must('POST', '/v1/transactions/payments', {
    ...payer,
    key: randomUUID(),
    body: {
      storeId,
      amount: { currencyCode: 'EUR', amountMinor: `${amountMinor}` },
      captureMethod: end === 'automatic' ? 'CAPTURE_METHOD_AUTOMATIC' : 'CAPTURE_METHOD_MANUAL',
      paymentMethodId: method.paymentMethodId,
    },
  });
  const change = (verb: string, by: Person, ask: object = {}) =>
    client.ask('POST', `/v1/transactions/payments/${payment.paymentId}:${verb}`, {
      token: by.token,
      body: ask,
      key: randomUUID(),
    });
  await change('confirm', payer);
  await databases.transactions.until('SELECT 1 FROM payments WHERE payment_id = ? AND state = ?', [
    TypeID.fromString(String(payment.paymentId)).toUUIDBytes(),
    end === 'automatic' ? 'captured' : 'authorised',
  ]);
  if (end === 'capture') await change('capture', owner);
  if (end === 'captures-a-part') {
    await change('capture', owner, { amount: { currencyCode: 'EUR', amountMinor: `${1 + random.int(amountMinor)}` } });
  }
  if (end === 'void') await change('void', payer);
  if (end === 'expires') {
    await databases.transactions.run('UPDATE payments SET authorisation_expire_time = ? WHERE payment_id = ?', [
      new Date(),
      TypeID.fromString(String(payment.paymentId)).toUUIDBytes(),
    ]);
  }
  await client.must('DELETE', `/v1/transactions/paymentMethods/${method.paymentMethodId}`, payer);
}

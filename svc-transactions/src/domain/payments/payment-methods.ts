import { DomainError } from '@malla/chassis/errors';
import { newId } from '../ids.ts';
import type { Takeover } from '../takeover.ts';
import type { Once, PaymentDeps, PaymentMethod } from './ports.ts';

const METHODS_MAX = 20;

export type MethodDeps = Pick<PaymentDeps, 'transact' | 'methods' | 'provider' | 'clock'>;

/**
 * Keeps a payment method of a user; the first is the default.
 * @throws DomainError `invalid` (PAYMENT_TOKEN_UNKNOWN), `exhausted` (PAYMENT_METHODS_TOO_MANY), `precondition`
 *   (PAYMENT_METHOD_DECLINED), `unavailable` (PROVIDER_UNAVAILABLE).
 */
export async function attachPaymentMethod(
  userId: string,
  token: string,
  once: Once<PaymentMethod>,
  { transact, methods, provider, clock }: MethodDeps,
): Promise<PaymentMethod> {
  const before = await methods.list(userId);
  if (before.length >= METHODS_MAX) throw tooMany();
  const tokens = before.map((method) => method.token);
  const card = await provider.keep(token, userId, tokens);
  if (!card) throw unknownToken();
  return transact(async () => {
    const paymentMethodId = newId.paymentMethod();
    await once.begin(paymentMethodId);
    const known = await methods.lockAll(userId);
    if (known.length >= METHODS_MAX) throw tooMany();
    const method: PaymentMethod = {
      ...card,
      ...{ paymentMethodId, userId, provider: provider.name },
      ...{ isDefault: !known.some(({ isDefault }) => isDefault), createTime: clock.now() },
    };
    await methods.add(method);
    await once.finish(method);
    return method;
  });
}

/** Makes a payment method the default of its user. @throws DomainError `not-found` (PAYMENT_METHOD_NOT_FOUND). */
export async function setDefaultPaymentMethod(
  userId: string,
  paymentMethodId: string,
  { transact, methods }: MethodDeps,
): Promise<PaymentMethod> {
  return transact(async () => {
    const method = pick(await methods.lockAll(userId), paymentMethodId);
    await methods.setDefault(userId, paymentMethodId);
    return { ...method, isDefault: true };
  });
}

/**
 * Forgets a payment method of a user, the provider first; again without effect.
 * @throws DomainError `unavailable` (PROVIDER_UNAVAILABLE).
 */
export async function detachPaymentMethod(
  userId: string,
  paymentMethodId: string,
  { transact, methods, provider }: MethodDeps,
): Promise<void> {
  const before = await methods.list(userId);
  const method = before.find((one) => one.paymentMethodId === paymentMethodId);
  if (!method) return;
  const isKeptTwice = before.filter(({ token }) => token === method.token).length > 1;
  if (!isKeptTwice) await provider.forget(method.token);
  await transact(async () => {
    const known = await methods.lockAll(userId);
    if (known.some((one) => one.paymentMethodId === paymentMethodId)) await methods.remove(paymentMethodId);
  });
}

/**
 * Forgets the payment methods of an account that are older than its takeover; again without effect.
 * @throws as `detachPaymentMethod` does.
 */
export async function detachMethodsOf({ userId, takeOverTime }: Takeover, deps: MethodDeps): Promise<void> {
  for (const { paymentMethodId, createTime } of await deps.methods.list(userId)) {
    if (createTime < takeOverTime) await detachPaymentMethod(userId, paymentMethodId, deps);
  }
}

/** Finds one of a user's payment methods. @throws DomainError `not-found` (PAYMENT_METHOD_NOT_FOUND). */
export async function requireMethod(
  userId: string,
  paymentMethodId: string,
  { methods }: Pick<PaymentDeps, 'methods'>,
): Promise<PaymentMethod> {
  return pick(await methods.list(userId), paymentMethodId);
}

/** Finds a user's default payment method. @throws DomainError `precondition` (PAYMENT_METHOD_MISSING). */
export async function requireDefaultMethod(
  userId: string,
  { methods }: Pick<PaymentDeps, 'methods'>,
): Promise<PaymentMethod> {
  const method = (await methods.list(userId)).find(({ isDefault }) => isDefault);
  if (method) return method;
  const message = 'No payment method is named, and there is no default one.';
  const fields = [{ field: 'payment_method_id', reason: 'PAYMENT_METHOD_MISSING', description: 'is needed' }];
  throw new DomainError('precondition', 'PAYMENT_METHOD_MISSING', message, { fields });
}

function pick(methods: readonly PaymentMethod[], paymentMethodId: string): PaymentMethod {
  const method = methods.find((one) => one.paymentMethodId === paymentMethodId);
  if (method) return method;
  throw new DomainError('not-found', 'PAYMENT_METHOD_NOT_FOUND', 'There is no such payment method.');
}

function unknownToken(): DomainError {
  const fields = [{ field: 'token', reason: 'PAYMENT_TOKEN_UNKNOWN', description: 'is no token of the provider' }];
  return new DomainError('invalid', 'PAYMENT_TOKEN_UNKNOWN', 'The provider does not know the token.', { fields });
}

function tooMany(): DomainError {
  return new DomainError(
    'exhausted',
    'PAYMENT_METHODS_TOO_MANY',
    `A user keeps at most ${METHODS_MAX} payment methods.`,
  );
}

import { randomInt } from 'node:crypto';

/** Makes the same choices again. */
export const SEED = number('CRASH_SEED', randomInt(2 ** 31));
export const PURCHASES = number('CRASH_PURCHASES', 300);
/** How many people buy at once. */
export const SHOPPERS = number('CRASH_SHOPPERS', 16);
/** The longest time between two kills. */
export const BETWEEN_KILLS_MS = number('CRASH_BETWEEN_KILLS_MS', 8_000);
export const PAYERS = 3;
/** How often each of them pays, without a purchase. */
export const PAYMENTS_EACH = Math.max(5, Math.round(PURCHASES / 100));

/** How long all may take, and what is then left to recover. */
export const TOTAL_MS = 420_000 + PURCHASES * 400;
export const RECOVERY_MS = 60_000 + PURCHASES * 12;
/** How many of the saga's steps kill a process, in hundredths: each such death costs the machine a start of three seconds. */
export const STEPS_SHARE = number('CRASH_STEPS_PERCENT', 40) / 100;
/** How long steps that nobody died at are waited for, with more purchases. */
export const STEPS_MS = 60_000;

function number(name: string, otherwise: number): number {
  const value = Number(process.env[name] || otherwise);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`${name} must be a positive whole number`);
  return value;
}

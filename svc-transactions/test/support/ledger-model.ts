import { type Account, accountIdOf, PURPOSES } from '../../src/domain/ledger/account.ts';
import { AMOUNT_MINOR_MAX, type Posting } from '../../src/domain/ledger/transfer.ts';

/** Something that is done to a ledger, sensible or not. Transfers are named by small numbers so that they meet. */
export type Operation =
  | { readonly do: 'post'; readonly id: number; readonly postings: readonly Posting[] }
  | {
      readonly do: 'pend';
      readonly id: number;
      readonly debit: Account;
      readonly credit: Account;
      readonly amount: bigint;
    }
  | { readonly do: 'postPending'; readonly id: number; readonly pending: number; readonly amount: bigint | undefined }
  | { readonly do: 'voidPending'; readonly id: number; readonly pending: number }
  | { readonly do: 'expire' };

export type Outcome =
  | 'ok'
  | 'TRANSFER_INVALID'
  | 'TRANSFER_MISMATCH'
  | 'PENDING_TRANSFER_ENDED'
  | 'BALANCE_INSUFFICIENT';

export interface ModelBalance {
  readonly account: Account;
  posted: bigint;
  debits: bigint;
  credits: bigint;
}

type Pend = Extract<Operation, { do: 'pend' }>;

/** The ledger as it should be: in memory, one operation after another, nothing but the rules. */
export class LedgerModel {
  readonly balances = new Map<string, ModelBalance>();
  readonly #known = new Map<number, string>();
  readonly #pending = new Map<number, Pend>();
  readonly #open = new Set<number>();

  apply(operation: Operation): Outcome {
    switch (operation.do) {
      case 'post':
        return this.#post(operation.id, operation.postings);
      case 'pend':
        return this.#pend(operation);
      case 'postPending':
      case 'voidPending':
        return this.#end(operation);
      case 'expire':
        for (const id of [...this.#open]) this.#release(id);
        return 'ok';
    }
  }

  #post(id: number, postings: readonly Posting[]): Outcome {
    if (!isBalanced(postings)) return 'TRANSFER_INVALID';
    const known = this.#knownAs(id, ['post', ...linesOf(postings)]);
    if (known) return known;
    if (postings.some(({ account, amountMinor }) => amountMinor < 0n && this.#falls(account, amountMinor)))
      return 'BALANCE_INSUFFICIENT';
    for (const { account, amountMinor } of postings) this.#at(account).posted += amountMinor;
    this.#remember(id, ['post', ...linesOf(postings)]);
    return 'ok';
  }

  #pend(operation: Pend): Outcome {
    const { id, debit, credit, amount } = operation;
    const postings = [
      { account: debit, amountMinor: -amount },
      { account: credit, amountMinor: amount },
    ];
    if (amount < 1n || !isBalanced(postings)) return 'TRANSFER_INVALID';
    const known = this.#knownAs(id, ['pend', ...linesOf(postings)]);
    if (known) return known;
    if (this.#falls(debit, -amount)) return 'BALANCE_INSUFFICIENT';
    this.#at(debit).debits += amount;
    this.#at(credit).credits += amount;
    this.#remember(id, ['pend', ...linesOf(postings)]);
    this.#pending.set(id, operation);
    this.#open.add(id);
    return 'ok';
  }

  #end(operation: Extract<Operation, { pending: number }>): Outcome {
    const pending = this.#pending.get(operation.pending);
    if (!pending) return 'PENDING_TRANSFER_ENDED';
    const posts = operation.do === 'postPending';
    const amount = posts ? (operation.amount ?? pending.amount) : 0n;
    if (posts && (amount < 1n || amount > pending.amount)) return 'TRANSFER_INVALID';
    const content = [operation.do, String(operation.pending), String(amount)];
    const known = this.#knownAs(operation.id, content);
    if (known) return known;
    if (!this.#open.has(operation.pending)) return 'PENDING_TRANSFER_ENDED';
    this.#release(operation.pending);
    this.#at(pending.debit).posted -= amount;
    this.#at(pending.credit).posted += amount;
    this.#remember(operation.id, content);
    return 'ok';
  }

  #release(id: number): void {
    const pending = this.#pending.get(id);
    if (!pending || !this.#open.delete(id)) return;
    this.#at(pending.debit).debits -= pending.amount;
    this.#at(pending.credit).credits -= pending.amount;
  }

  #falls(account: Account, change: bigint): boolean {
    const { floorMinor } = PURPOSES[account.purpose];
    const { posted, debits } = this.balances.get(accountIdOf(account)) ?? { posted: 0n, debits: 0n };
    return floorMinor !== undefined && posted - debits + change < floorMinor;
  }

  #knownAs(id: number, content: readonly string[]): Outcome | undefined {
    const known = this.#known.get(id);
    if (known === undefined) return undefined;
    return known === content.join() ? 'ok' : 'TRANSFER_MISMATCH';
  }

  #remember(id: number, content: readonly string[]): void {
    this.#known.set(id, content.join());
  }

  #at(account: Account): ModelBalance {
    const id = accountIdOf(account);
    const balance = this.balances.get(id) ?? { account, posted: 0n, debits: 0n, credits: 0n };
    this.balances.set(id, balance);
    return balance;
  }
}

function isBalanced(postings: readonly Posting[]): boolean {
  const ids = new Set(postings.map(({ account }) => accountIdOf(account)));
  const currencies = new Set(postings.map(({ account }) => account.currencyCode));
  const sum = postings.reduce((total, { amountMinor }) => total + amountMinor, 0n);
  const inRange = postings.every(({ amountMinor: a }) => a !== 0n && a <= AMOUNT_MINOR_MAX && a >= -AMOUNT_MINOR_MAX);
  return postings.length > 1 && ids.size === postings.length && currencies.size === 1 && sum === 0n && inRange;
}

function linesOf(postings: readonly Posting[]): string[] {
  return postings.map(({ account, amountMinor }) => `${accountIdOf(account)}:${amountMinor}`);
}

import { DomainError } from '@malla/chassis/errors';
import Tinypool from 'tinypool';
import type { ReceiptPrinter } from '../domain/receipts/printer.ts';

/** Drawing is work for a processor: one thread does it, so that half of a small machine is left to everything else. */
const THREADS_MAX = 1;
/** They wait for some seconds at most. */
const WAITING_MAX = 32;
/** A hundred lines in four scripts need a half of it. */
const HEAP_MAX_MB = 128;
/** The thread goes when nothing was drawn for so long, and the fonts with it. */
const IDLE_MS = 60_000;
const RETRY_AFTER_MS = 1_000;

/** Draws receipts in a thread of its own, which starts with the first one. A client that leaves has its drawing ended. */
export function createReceiptPrinter(): ReceiptPrinter & { close(): Promise<void> } {
  const pool = new Tinypool({
    filename: new URL('./thread.ts', import.meta.url).href,
    ...{ minThreads: 0, maxThreads: THREADS_MAX, maxQueue: WAITING_MAX, idleTimeout: IDLE_MS },
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MAX_MB },
  });
  return {
    print: async (view, signal) => {
      if (pool.queueSize >= WAITING_MAX) throw busy();
      return pool.run(view, { name: 'drawReceipt', signal });
    },
    close: () => pool.destroy(),
  };
}

function busy(): DomainError {
  const details = { retryAfterMs: RETRY_AFTER_MS };
  return new DomainError('exhausted', 'RECEIPTS_BUSY', 'Too many receipts wait to be drawn.', details);
}

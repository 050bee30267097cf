import { createHash } from 'node:crypto';
import { serialize } from 'node:v8';
import { busy } from '@malla/chassis/load-shedding';
import { LRUCache } from 'lru-cache';
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
/** Who asks for the same again and again keeps nobody else from theirs. */
const KEPT_BYTES_MAX = 8 * 1024 * 1024;

/** Draws receipts in a thread of its own, which starts with the first one. A client that leaves has its drawing ended. */
export function createReceiptPrinter(): ReceiptPrinter & { close(): Promise<void> } {
  const pool = new Tinypool({
    filename: new URL('./thread.ts', import.meta.url).href,
    ...{ minThreads: 0, maxThreads: THREADS_MAX, maxQueue: WAITING_MAX, idleTimeout: IDLE_MS },
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MAX_MB },
  });
  const drawn = new LRUCache<string, Uint8Array>({
    maxSize: KEPT_BYTES_MAX,
    sizeCalculation: ({ byteLength }) => byteLength,
  });
  return {
    print: async (view, signal) => {
      const key = createHash('sha256').update(serialize(view)).digest('base64');
      const known = drawn.get(key);
      if (known) return known;
      if (pool.queueSize >= WAITING_MAX) throw busy('RECEIPTS_BUSY', 'Too many receipts wait to be drawn.');
      const pdf: Uint8Array = await pool.run(view, { name: 'drawReceipt', signal });
      drawn.set(key, pdf);
      return pdf;
    },
    close: () => pool.destroy(),
  };
}

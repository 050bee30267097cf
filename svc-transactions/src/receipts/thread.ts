import type { ReceiptView } from '../domain/receipts/read-receipt.ts';
import { drawReceipt as draw } from './draw-receipt.ts';
import { loadFonts } from './fonts.ts';

/** Libraries that draw would write on standard error what they draw. A thread has a console of its own. */
for (const method of ['debug', 'error', 'info', 'log', 'trace', 'warn'] as const) console[method] = () => undefined;

/** Once for all receipts of the thread. */
const fonts = loadFonts();

/** What the thread does. */
export function drawReceipt(view: ReceiptView): Promise<Uint8Array> {
  return draw(view, fonts);
}

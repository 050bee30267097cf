import type { ReceiptView } from '../domain/receipts/read-receipt.ts';
import { drawReceipt as draw } from './draw-receipt.ts';
import { loadFonts } from './fonts.ts';

/** Once for all receipts of the thread. */
const fonts = loadFonts();

/** What the thread does. */
export function drawReceipt(view: ReceiptView): Promise<Uint8Array> {
  return draw(view, fonts);
}

import { userOf } from '@malla/chassis/context';
import type { StreamHandler } from '@malla/chassis/server-stream';
import type {
  DownloadPurchaseReceiptRequest,
  DownloadPurchaseReceiptResponse,
} from '@malla/proto/malla/transactions/v1/purchases_service';
import { readReceipt } from '../domain/receipts/read-receipt.ts';
import { fileNameOf } from '../domain/receipts/receipt.ts';
import type { ReceiptRpcDeps } from './deps.ts';

const PIECE_BYTES = 32 * 1024;

export function downloadPurchaseReceiptHandler(
  deps: ReceiptRpcDeps,
): StreamHandler<DownloadPurchaseReceiptRequest, DownloadPurchaseReceiptResponse> {
  return async function* ({ purchaseId }, call) {
    const view = await readReceipt(purchaseId, userOf(call).userId, deps);
    const pdf = Buffer.from(await deps.receiptPrinter.print(view, call.signal));
    for (let start = 0; start < pdf.length; start += PIECE_BYTES) {
      const data = pdf.subarray(start, start + PIECE_BYTES);
      const fileName = start === 0 ? fileNameOf(view.receipt) : '';
      yield { fileName, content: { contentType: 'application/pdf', data, extensions: [] } };
    }
  };
}

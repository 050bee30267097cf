import assert from 'node:assert/strict';
import { mallaContract } from '@malla/proto/contract';
import { DownloadPurchaseReceiptResponse } from '@malla/proto/malla/transactions/v1/purchases_service';
import { attachment } from '../../src/answers/content-disposition.ts';
import { compileResponse } from '../../src/transcoding/response/response.ts';
import { bindingsOf } from '../../src/transcoding/routing/binding.ts';

describe('The name of a download', () => {
  it('is what stands beside the bytes in the message', () => {
    const contract = mallaContract();
    const binding = bindingsOf(contract).find(({ rpc }) => rpc.path.endsWith('/DownloadPurchaseReceipt'));
    assert.ok(binding);
    const decode = compileResponse(binding, contract.registry);
    const content = { contentType: 'application/pdf', data: Buffer.from('%PDF'), extensions: [] };
    const answer = (fileName: string) => decode(DownloadPurchaseReceiptResponse.encode({ content, fileName }).finish());
    assert.equal(answer('receipt-2026-000042.pdf').fileName, 'receipt-2026-000042.pdf');
    assert.equal(answer('').fileName, undefined);
  });

  it('is written so that no name adds anything to the header', () => {
    assert.equal(attachment('receipt-2026-000042.pdf'), 'attachment; filename="receipt-2026-000042.pdf"');
    const odd = attachment('a"\r\nx: y\u00e9.pdf');
    assert.equal(odd, `attachment; filename="a___x__y_.pdf"; filename*=UTF-8''a%22%0D%0Ax%3A%20y%C3%A9.pdf`);
  });
});

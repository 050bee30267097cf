import assert from 'node:assert/strict';
import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { METADATA } from '@malla/chassis/metadata';
import { readStatus } from '@malla/chassis/status';
import { ImportsServiceService } from '@malla/proto/malla/stores/v1/imports_service';
import { typeid } from 'typeid-js';
import { startTestService, type TestService } from '../support/service.ts';
import { openShop, type Shop } from '../support/shop.ts';

/** Sooner than a stream that stands still is ended. */
const SOON_MS = 20_000;

describe('ImportsService/ImportProducts without a row', () => {
  let service: TestService;
  let shop: Shop;
  before(async () => {
    service = await startTestService();
    shop = await openShop(service);
  });
  after(() => service.stop());

  /** Opens an import and sends nothing. */
  function open(token: string, storeId: string): Promise<string> {
    const metadata = new Metadata();
    metadata.set(METADATA.authorization, token);
    metadata.set(METADATA.requestParams, String(new URLSearchParams({ store_id: storeId })));
    const asIs = (bytes: Buffer) => bytes;
    const { path } = ImportsServiceService.importProducts;
    return new Promise((resolve) => {
      const answered = (error: ServiceError | null) =>
        resolve(error ? `${status[error.code]} ${readStatus(error).reason}` : 'OK');
      const deadline = Date.now() + SOON_MS;
      service.edge.channel.makeClientStreamRequest(path, asIs, asIs, metadata, { deadline }, answered);
    });
  }

  it('refuses at once who may not import into the store that the path names', async () => {
    const { owner } = await openShop(service);
    const token = String(owner.metadata?.get(METADATA.authorization)[0]);
    const answers = await Promise.all(Array.from({ length: 10 }, () => open(token, shop.storeId)));
    answers.push(await open(token, typeid('store').toString()));
    for (const answer of answers) assert.match(answer, /^(PERMISSION_DENIED|NOT_FOUND) /);
  });

  it('names a store that is none', async () => {
    const token = String(shop.owner.metadata?.get(METADATA.authorization)[0]);
    assert.equal(await open(token, 'nonsense'), 'INVALID_ARGUMENT STORE_ID_INVALID');
  });
});

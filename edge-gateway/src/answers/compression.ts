import compress from '@fastify/compress';
import type { App } from '../arrival/app-types.ts';

/** Below this size compression costs more than it saves. */
const THRESHOLD_BYTES = 1_024;

/** Compresses answers as the client accepts. Requests must not be compressed: a small one could become a large body. */
export async function addCompression(app: App): Promise<void> {
  await app.register(compress, { threshold: THRESHOLD_BYTES, globalDecompression: false, encodings: ['br', 'gzip'] });
}

import { setTimeout as sleep } from 'node:timers/promises';
import { createPace } from '@malla/chassis/pace';
import type { App, Request } from '../arrival/app-types.ts';
import type { ReadLine } from '../routes/send-lines.ts';
import { requestType } from '../transcoding/request/body-types.ts';
import { exceeded } from './rate-limit.ts';

/** Smaller bodies cost about as much as a request without one. */
const LARGE_BODY_BYTES = 64 * 1024;
/** An import of products has thousands of lines with long descriptions. */
const LARGE_LINE_BYTES = 256 * 1024;
const MIB = 1024 * 1024;
/** A body waits for no longer, and is refused at once. */
const DELAY_MS_MAX = 5_000;

/** Yields lines as they come, and holds back each large one until its time has come. */
export type PaceLines = (request: Request, lines: AsyncIterable<ReadLine>) => AsyncIterable<ReadLine>;

/**
 * Paces the large bodies of one client address: a megabyte of JSON takes the event loop for up to a tenth of a second, and a
 * client that sends many at once would take it from everybody. The body is not read before its time has come.
 * @returns the same for the lines of a stream, which share the rate.
 */
export function addBodyPace(app: App, mibPerSecond: number): PaceLines {
  const pace = createPace(mibPerSecond);
  app.addHook('preParsing', async ({ clientAddress, headers, routeOptions }) => {
    const { transcoder } = routeOptions.config;
    if (!transcoder || headers['content-type'] === undefined) return;
    if (requestType(transcoder.binding) === 'application/x-ndjson') return;
    // The length of a body without the header is not known before it is read: it may be as large as any.
    const bytes = Number(headers['content-length'] ?? MIB);
    // What is over the limit is refused without being read.
    if (bytes < LARGE_BODY_BYTES || bytes > routeOptions.bodyLimit) return;
    const delayMs = pace.spend(clientAddress, bytes / MIB);
    if (delayMs > DELAY_MS_MAX) {
      pace.giveBack(clientAddress, bytes / MIB);
      throw exceeded({ ttlInSeconds: Math.ceil((delayMs - DELAY_MS_MAX) / 1_000) });
    }
    if (delayMs > 0) await sleep(delayMs);
  });
  return async function* ({ clientAddress }, lines) {
    for await (const line of lines) {
      if (line instanceof Buffer && line.length > LARGE_LINE_BYTES) {
        const delayMs = pace.spend(clientAddress, line.length / MIB);
        if (delayMs > 0) await sleep(delayMs);
      }
      yield line;
    }
  };
}

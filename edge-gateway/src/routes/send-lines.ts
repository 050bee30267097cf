import { once } from 'node:events';
import type { ClientWritableStream, Metadata } from '@grpc/grpc-js';
import { asBuffer } from '@malla/chassis/outgoing';
import { TranscodingError } from '../transcoding/faults.ts';

/** A call of a client-streaming RPC that was begun. */
export interface ImportCall {
  readonly stream: ClientWritableStream<Buffer>;
  readonly answer: Promise<ImportAnswer>;
}

export interface ImportAnswer {
  readonly bytes: Buffer;
  readonly metadata: Metadata;
}

/** A line as it came; what is wrong with one that could not be read at all. */
export type ReadLine = Buffer | TranscodingError;

/** The bytes of the message that a line becomes. @throws TranscodingError naming everything that is wrong with it. */
export type ToMessage = (read: ReadLine, line: number) => Uint8Array;

/**
 * Sends each line as a message, no faster than the service takes them. What the service says ends it at once, whether more
 * lines are on their way or the client has fallen silent.
 * @returns the service's answer.
 * @throws TranscodingError naming the line and everything that is wrong with it; ServiceError when the call fails.
 */
export async function sendLines(
  lines: AsyncIterable<ReadLine>,
  toMessage: ToMessage,
  { stream, answer }: ImportCall,
): Promise<ImportAnswer> {
  let answered = false;
  let fault: unknown;
  const settled = () => {
    answered = true;
  };
  answer.then(settled, settled);
  const feed = async () => {
    let line = 0;
    try {
      for await (const read of lines) {
        if (answered) return;
        line += 1;
        if (!stream.write(asBuffer(toMessage(read, line)))) await Promise.race([once(stream, 'drain'), answer]);
      }
      stream.end();
    } catch (error) {
      fault = error instanceof TranscodingError ? inLine(error, line) : error;
      stream.cancel();
    }
  };
  try {
    return await Promise.race([answer, feed().then(() => answer)]);
  } catch (error) {
    throw fault ?? error;
  }
}

function inLine({ reason, message, faults }: TranscodingError, line: number): TranscodingError {
  const named = faults.map((fault) => ({ ...fault, field: `[${line - 1}]${fault.field && `.${fault.field}`}` }));
  return new TranscodingError(reason, `Line ${line}: ${message}`, named);
}

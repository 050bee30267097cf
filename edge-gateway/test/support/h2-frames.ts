import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';

/** The types of frames that tests look at (RFC 9113, section 6). */
export const FRAME = { data: 0, headers: 1, rstStream: 3, settings: 4, ping: 6, goAway: 7, windowUpdate: 8 } as const;
export const END_STREAM = 0x1;
const ACK = 0x1;
const END_HEADERS = 0x4;
const HEAD_BYTES = 9;
const INITIAL_WINDOW_SIZE = 4;
const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

/** A frame as it came or goes over the wire. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Buffer;
}

/** An HTTP/2 connection that says exactly what a test writes, and keeps what it hears in its order. */
export interface FrameConnection {
  readonly socket: TLSSocket;
  readonly frames: readonly Frame[];
  send(frame: Omit<Frame, 'payload'> & { readonly payload?: Buffer }): void;
  /** Opens a stream without Huffman code and without the dynamic table. */
  sendHeaders(streamId: number, headers: Readonly<Record<string, string>>, flags?: number): void;
  sendData(streamId: number, payload: string, flags?: number): void;
  /** Gives the peer room to send `bytes` more on a stream; 0 is the connection. */
  widen(streamId: number, bytes: number): void;
  /** The frames of a stream, as soon as they satisfy a test. @throws Error after `timeoutMs`, with the frames. */
  until(streamId: number, done: (frames: readonly Frame[]) => boolean, timeoutMs?: number): Promise<readonly Frame[]>;
}

/** Opens a connection. @param windowBytes how much of each answer the peer may send unasked. */
export async function connectFrames(port: number, ca: Buffer, windowBytes = 65_535): Promise<FrameConnection> {
  const socket = connect({ port, host: '127.0.0.1', ca, servername: 'localhost', ALPNProtocols: ['h2'] });
  await once(socket, 'secureConnect');
  socket.on('error', () => undefined);
  const frames: Frame[] = [];
  const send: FrameConnection['send'] = (frame) => void socket.write(encode(frame));
  readFrames(socket, (frame) => {
    frames.push(frame);
    const asks = frame.type === FRAME.settings || frame.type === FRAME.ping;
    if (asks && !(frame.flags & ACK)) send(acknowledge(frame));
    socket.emit('frame');
  });
  socket.write(PREFACE);
  const setting = Buffer.alloc(6);
  setting.writeUInt16BE(INITIAL_WINDOW_SIZE);
  setting.writeUInt32BE(windowBytes, 2);
  send({ type: FRAME.settings, flags: 0, streamId: 0, payload: setting });
  return {
    socket,
    frames,
    send,
    sendHeaders: (streamId, headers, flags = 0) =>
      send({ type: FRAME.headers, flags: flags | END_HEADERS, streamId, payload: literals(headers) }),
    sendData: (streamId, payload, flags = 0) =>
      send({ type: FRAME.data, flags, streamId, payload: Buffer.from(payload) }),
    widen: (streamId, bytes) => {
      const payload = Buffer.alloc(4);
      payload.writeUInt32BE(bytes);
      send({ type: FRAME.windowUpdate, flags: 0, streamId, payload });
    },
    until: async (streamId, done, timeoutMs = 5_000) => {
      const own = () => frames.filter((frame) => frame.streamId === streamId);
      const signal = AbortSignal.timeout(timeoutMs);
      while (!done(own())) {
        await once(socket, 'frame', { signal }).catch(() => {
          throw new Error(`the stream went otherwise: ${own().map(nameOf).join(', ')}`);
        });
      }
      return own();
    },
  };
}

/** A frame in short, for messages: `DATA END_STREAM`, `RST_STREAM 0`. */
export function nameOf({ type, flags, payload }: Frame): string {
  if (type === FRAME.rstStream) return `RST_STREAM ${payload.readUInt32BE()}`;
  const name = type === FRAME.data ? 'DATA' : type === FRAME.headers ? 'HEADERS' : `frame ${type}`;
  return type <= FRAME.headers && flags & END_STREAM ? `${name} END_STREAM` : name;
}

function readFrames(socket: TLSSocket, onFrame: (frame: Frame) => void): void {
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= HEAD_BYTES && rest.length >= HEAD_BYTES + rest.readUIntBE(0, 3)) {
      const end = HEAD_BYTES + rest.readUIntBE(0, 3);
      const [type, flags] = [rest.readUInt8(3), rest.readUInt8(4)];
      onFrame({ type, flags, streamId: rest.readUInt32BE(5) & 0x7fffffff, payload: rest.subarray(HEAD_BYTES, end) });
      rest = rest.subarray(end);
    }
  });
}

function encode({ type, flags, streamId, payload = Buffer.alloc(0) }: Parameters<FrameConnection['send']>[0]): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(streamId, 5);
  return Buffer.concat([head, payload]);
}

function acknowledge({ type, payload }: Frame): Frame {
  return { type, flags: ACK, streamId: 0, payload: type === FRAME.ping ? payload : Buffer.alloc(0) };
}

/** Literal header fields without indexing (RFC 7541, section 6.2.2); each text has fewer than 127 bytes, or its length is spread. */
function literals(headers: Readonly<Record<string, string>>): Buffer {
  const text = (value: string) => Buffer.concat([lengthOf(Buffer.byteLength(value)), Buffer.from(value)]);
  return Buffer.concat(Object.entries(headers).flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]));
}

/** An integer with a prefix of 7 bits (RFC 7541, section 5.1). */
function lengthOf(length: number): Buffer {
  if (length < 0x7f) return Buffer.from([length]);
  const bytes = [0x7f];
  let left = length - 0x7f;
  for (; left >= 0x80; left >>= 7) bytes.push((left & 0x7f) | 0x80);
  return Buffer.from([...bytes, left]);
}

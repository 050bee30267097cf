/** A message on its way from the wire format to JSON text. One object for all of it, so that nothing is allocated for a field. */
export interface Transfer {
  readonly wire: Uint8Array;
  /** The position of the next byte. */
  at: number;
  /** The end of the current message. */
  end: number;
  /** The JSON text so far, and room for more. */
  json: Buffer;
  /** The length of the text in `json`. */
  length: number;
  /** The two halves of the varint that was read last. */
  low: number;
  high: number;
  /** The depth of the current message. */
  depth: number;
}

const ROOM = 16 * 1024;
/** A buffer that a larger text leaves behind is not retained. */
const ROOM_KEPT = 1024 * 1024;
let spare: Buffer = Buffer.allocUnsafeSlow(ROOM);

/** Starts a transfer. There is one at a time: nothing in it waits. */
export function beginTransfer(wire: Uint8Array): Transfer {
  return { wire, at: 0, end: wire.length, json: spare, length: 0, low: 0, high: 0, depth: 0 };
}

/** The text of a transfer, as bytes of its own. */
export function endTransfer({ json, length }: Transfer): Buffer {
  spare = json.length <= ROOM_KEPT ? json : spare;
  return Buffer.from(json.subarray(0, length));
}

/** Makes room for some more bytes. */
export function reserve(transfer: Transfer, bytes: number): void {
  const { json, length } = transfer;
  if (length + bytes <= json.length) return;
  transfer.json = Buffer.allocUnsafeSlow(2 * (length + bytes));
  json.copy(transfer.json, 0, 0, length);
}

/** Writes bytes that are JSON already. */
export function put(transfer: Transfer, bytes: Uint8Array): void {
  reserve(transfer, bytes.length);
  const { json, length } = transfer;
  // Names and numbers are short: a loop beats a call of set().
  for (let at = 0; at < bytes.length; at += 1) json[length + at] = bytes[at] as number;
  transfer.length = length + bytes.length;
}

/** Writes one byte, an ASCII character. */
export function putByte(transfer: Transfer, byte: number): void {
  reserve(transfer, 1);
  transfer.json[transfer.length] = byte;
  transfer.length += 1;
}

/** Writes ASCII text. */
export function putAscii(transfer: Transfer, text: string): void {
  reserve(transfer, text.length);
  const { json, length } = transfer;
  for (let at = 0; at < text.length; at += 1) json[length + at] = text.charCodeAt(at);
  transfer.length = length + text.length;
}

/** Writes text of any kind. */
export function putText(transfer: Transfer, text: string): void {
  reserve(transfer, text.length * 3);
  transfer.length += transfer.json.write(text, transfer.length);
}

/** Reads a varint into `low` and `high`. @returns whether there was one that fits into 64 bits. */
export function readVarint(transfer: Transfer): boolean {
  const { wire, end } = transfer;
  let { at } = transfer;
  let low = 0;
  let high = 0;
  for (let shift = 0; shift <= 63 && at < end; shift += 7) {
    const byte = wire[at] as number;
    at += 1;
    const bits = byte & 0x7f;
    if (shift < 28) low |= bits << shift;
    else if (shift > 28) high |= bits << (shift - 32);
    else {
      low |= bits << 28;
      high = bits >>> 4;
    }
    if (byte > 0x7f) continue;
    if (shift === 63 && bits > 1) return false;
    transfer.low = low >>> 0;
    transfer.high = high >>> 0;
    transfer.at = at;
    return true;
  }
  return false;
}

/** Reads the length of what follows. @returns where that ends, or -1 when it does not end inside the message. */
export function readEnd(transfer: Transfer): number {
  if (!readVarint(transfer) || transfer.high !== 0) return -1;
  const end = transfer.at + transfer.low;
  return end <= transfer.end ? end : -1;
}

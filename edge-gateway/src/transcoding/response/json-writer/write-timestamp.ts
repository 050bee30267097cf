import { LRUCache } from 'lru-cache';
import { putAscii, putByte, readEnd, readVarint, reserve, type Transfer } from './transfer.ts';

const SECONDS_TAG = 0x08;
const NANOS_TAG = 0x10;
/** 0001-01-01 and 9999-12-31, in seconds from 1970. */
const SECONDS = { min: -62_135_596_800, max: 253_402_300_799 };
const NANOS_MAX = 999_999_999;
const DAY_SECONDS = 86_400;
const [QUOTE, COLON, POINT, Z, ZERO] = [0x22, 0x3a, 0x2e, 0x5a, 0x30];

/** Days of late, as they begin a time: a calendar takes long. */
const days = new LRUCache<number, string>({
  max: 10_000,
  memoMethod: (day) => new Date(day * DAY_SECONDS * 1000).toISOString().slice(0, 11),
});

/** Writes a `google.protobuf.Timestamp` as RFC 3339 has it, with 0, 3, 6 or 9 digits after the second. */
export function writeTimestamp(transfer: Transfer): boolean {
  const end = readEnd(transfer);
  if (end < 0) return false;
  const outer = transfer.end;
  transfer.end = end;
  const seconds = optional(transfer, SECONDS_TAG) ? (transfer.high | 0) * 0x1_0000_0000 + transfer.low : 0;
  const nanos = optional(transfer, NANOS_TAG) ? transfer.low | 0 : 0;
  transfer.end = outer;
  if (transfer.at !== end || !(seconds >= SECONDS.min && seconds <= SECONDS.max)) return false;
  if (nanos < 0 || nanos > NANOS_MAX) return false;
  putTime(transfer, seconds, nanos);
  return true;
}

function putTime(transfer: Transfer, seconds: number, nanos: number): void {
  const day = Math.floor(seconds / DAY_SECONDS);
  const second = seconds - day * DAY_SECONDS;
  putByte(transfer, QUOTE);
  putAscii(transfer, days.memo(day));
  putDigits(transfer, Math.floor(second / 3600), 2);
  putByte(transfer, COLON);
  putDigits(transfer, Math.floor(second / 60) % 60, 2);
  putByte(transfer, COLON);
  putDigits(transfer, second % 60, 2);
  if (nanos !== 0) putFraction(transfer, nanos);
  putByte(transfer, Z);
  putByte(transfer, QUOTE);
}

function putFraction(transfer: Transfer, nanos: number): void {
  putByte(transfer, POINT);
  if (nanos % 1_000_000 === 0) putDigits(transfer, nanos / 1_000_000, 3);
  else if (nanos % 1_000 === 0) putDigits(transfer, nanos / 1_000, 6);
  else putDigits(transfer, nanos, 9);
}

/** Writes a number in so many digits. */
function putDigits(transfer: Transfer, value: number, digits: number): void {
  reserve(transfer, digits);
  const { json, length } = transfer;
  let rest = value;
  for (let at = length + digits - 1; at >= length; at -= 1) {
    json[at] = ZERO + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  transfer.length = length + digits;
}

/** Reads a varint field when it is the next one. What cannot be read is found by where the reading ends. */
function optional(transfer: Transfer, tag: number): boolean {
  const { wire, at, end } = transfer;
  if (at >= end || wire[at] !== tag) return false;
  transfer.at += 1;
  if (readVarint(transfer)) return true;
  transfer.at = -1;
  return false;
}

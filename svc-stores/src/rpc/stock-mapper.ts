import {
  type StockEntry as EntryMessage,
  StockReason as ReasonMessage,
  type Stock as StockMessage,
} from '@malla/proto/malla/stores/v1/stock_service';
import { type AdjustReason, availableOf, type Stock, type StockEntry, type StockReason } from '../domain/stock.ts';

const REASONS: Readonly<Record<StockReason, ReasonMessage>> = {
  received: ReasonMessage.RECEIVED,
  damaged: ReasonMessage.DAMAGED,
  counted: ReasonMessage.COUNTED,
  returned: ReasonMessage.RETURNED,
  reserved: ReasonMessage.RESERVED,
  released: ReasonMessage.RELEASED,
  expired: ReasonMessage.EXPIRED,
  sold: ReasonMessage.SOLD,
};
const ADJUST_REASONS = ['received', 'damaged', 'counted', 'returned'] as const;

export function toStockMessage(stock: Stock): StockMessage {
  const { variantId, onHand, reserved, sold } = stock;
  return { variantId, onHand, reserved, available: availableOf(stock), sold: BigInt(sold) };
}

export function toEntryMessage(entry: StockEntry): EntryMessage {
  return { ...entry, reason: REASONS[entry.reason] };
}

/** @throws Error for a reason that the contract's rules let nobody send. */
export function fromAdjustReason(message: ReasonMessage): AdjustReason {
  const reason = ADJUST_REASONS.find((one) => REASONS[one] === message);
  if (!reason) throw new Error(`${message} is no reason to adjust stock`);
  return reason;
}

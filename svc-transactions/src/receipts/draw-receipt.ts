import { statusOf } from '../domain/purchases/purchase.ts';
import type { ReceiptView } from '../domain/receipts/read-receipt.ts';
import { numberOf } from '../domain/receipts/receipt.ts';
import { formatAmount } from './amounts.ts';
import { drawLines } from './draw-lines.ts';
import type { Fonts } from './fonts.ts';
import { LEFT, openSheet, type Place, type Sheet, TOP, WIDTH } from './sheet.ts';

const FULL: Place = { x: LEFT, width: WIDTH, size: 9 };
const NAME: Place = { ...FULL, size: 18, bold: true };
const TITLE: Place = { ...FULL, size: 12, bold: true };
const LABEL: Place = { x: LEFT, width: WIDTH - 110, size: 9, align: 'right' };
const AMOUNT: Place = { x: LEFT + WIDTH - 105, width: 105, size: 9, align: 'right' };
const ROW_HEIGHT = 15;
const GAP = 14;

const STATUSES = new Map([
  ['captured', 'Paid'],
  ['partly-refunded', 'Paid, and partly refunded'],
  ['refunded', 'Paid, and refunded'],
]);

/** Draws a receipt. @returns the PDF: the same bytes for the same receipt. */
export function drawReceipt(view: ReceiptView, fonts: Fonts): Promise<Uint8Array> {
  const { receipt, purchase } = view;
  const title = `Receipt ${numberOf(receipt)}`;
  const sheet = openSheet(title, purchase.storeName, receipt.issueTime, fonts);
  let y = TOP;
  for (const [text, place] of headOf(view, title)) {
    if (place === TITLE) y += GAP;
    y += sheet.write(text, y, place) + 2;
  }
  y = drawLines(sheet, purchase, y + GAP);
  drawSums(sheet, sumsOf(view), purchase.currencyCode, y + GAP);
  return sheet.end((page, pages) => `${title} · ${page} / ${pages}`);
}

function headOf(view: ReceiptView, title: string): [text: string, place: Place][] {
  const { receipt, purchase, payment } = view;
  const { email, phone, countryCode } = purchase.storeContact;
  const { brand, last4 } = purchase.paidBy;
  const card = [brand, last4 && `•••• ${last4}`].filter((part) => part !== '').join(' ');
  const lines: [string, Place][] = [
    [purchase.storeName, NAME],
    [[countryCode, email, phone].filter((part) => part !== '').join(' · '), FULL],
    [title, TITLE],
    [`Issued ${timeOf(receipt.issueTime)}`, FULL],
    [`Purchase ${purchase.purchaseId}`, FULL],
    [card && `Paid by ${card}`, FULL],
    [STATUSES.get(statusOf(purchase, payment)) ?? '', FULL],
    [`All amounts in ${purchase.currencyCode}`, FULL],
  ];
  return lines.filter(([text]) => text !== '');
}

/** What stands below the lines. */
interface Sum {
  readonly label: string;
  readonly amountMinor: bigint;
  readonly bold?: boolean;
}

function sumsOf({ purchase, payment, refunds }: ReceiptView): Sum[] {
  const back: Sum[] = [
    ...refunds.map(({ createTime, amountMinor }) => ({ label: `Refund of ${timeOf(createTime)}`, amountMinor })),
    { label: 'Refunded', amountMinor: payment.refundedMinor, bold: true },
    { label: 'Refunds on their way', amountMinor: payment.refundsPendingMinor },
    { label: 'Paid back after a dispute', amountMinor: payment.lostMinor },
  ];
  return [
    { label: 'Without taxes', amountMinor: purchase.subtotalMinor },
    { label: 'Taxes', amountMinor: purchase.taxMinor },
    { label: 'Total', amountMinor: purchase.totalMinor, bold: true },
    ...back.filter(({ amountMinor }) => amountMinor !== 0n),
  ];
}

function drawSums(sheet: Sheet, sums: readonly Sum[], currencyCode: string, top: number): void {
  let y = top;
  for (const { label, amountMinor, bold = false } of sums) {
    ({ y } = sheet.room(y, ROW_HEIGHT));
    sheet.fit(label, y, { ...LABEL, bold });
    sheet.fit(`${currencyCode} ${formatAmount(amountMinor, currencyCode)}`, y, { ...AMOUNT, bold });
    y += ROW_HEIGHT;
  }
}

/** `2026-11-24 12:31:05 UTC` */
function timeOf(time: Date): string {
  return `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

import { statusOf } from '../domain/purchases/purchase.ts';
import type { ReceiptView } from '../domain/receipts/read-receipt.ts';
import { numberOf } from '../domain/receipts/receipt.ts';
import { type TaxSum, taxesOf } from '../domain/receipts/taxes.ts';
import { formatAmount, formatRate } from './amounts.ts';
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
  const { brand, last4 } = purchase.paidBy;
  const { name, email } = purchase.customer;
  const lines: [string, Place][] = [
    ...sellerOf(purchase),
    [title, TITLE],
    [`Issued ${timeOf(receipt.issueTime)}`, FULL],
    [`Purchase ${purchase.purchaseId} of ${timeOf(purchase.createTime)}`, FULL],
    [labelled('Customer', ', ', [name, email]), FULL],
    [labelled('Paid by', ' ', [brand, last4 && `•••• ${last4}`]), FULL],
    [STATUSES.get(statusOf(purchase, payment)) ?? '', FULL],
    [`All amounts in ${purchase.currencyCode}`, FULL],
  ];
  return lines.filter(([text]) => text !== '');
}

function sellerOf({ storeName, storeContact }: ReceiptView['purchase']): [text: string, place: Place][] {
  const { email, phone, countryCode, legalName, postalAddress, taxId } = storeContact;
  return [
    [storeName, NAME],
    [legalName, FULL],
    ...postalAddress.split('\n').map((line): [string, Place] => [line.trim(), FULL]),
    [labelled('Tax number', ' ', [taxId]), FULL],
    [[countryCode, email, phone].filter((part) => part !== '').join(' · '), FULL],
  ];
}

/** Values behind what they are; empty when there are none. */
function labelled(label: string, between: string, values: readonly string[]): string {
  const known = values.filter((value) => value !== '').join(between);
  return known && `${label} ${known}`;
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
    { label: 'Net', amountMinor: purchase.subtotalMinor },
    ...taxesOf(purchase).map((tax) => ({ label: taxLabel(tax, purchase.currencyCode), amountMinor: tax.taxMinor })),
    { label: 'Total', amountMinor: purchase.totalMinor, bold: true },
    ...back.filter(({ amountMinor }) => amountMinor !== 0n),
  ];
}

function taxLabel({ basisPoints, subtotalMinor }: TaxSum, currencyCode: string): string {
  return ['Tax', formatRate(basisPoints), `on ${formatAmount(subtotalMinor, currencyCode)}`].filter(Boolean).join(' ');
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

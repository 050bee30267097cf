import type { Purchase, PurchaseLine } from '../domain/purchases/purchase.ts';
import { formatAmount, formatRate } from './amounts.ts';
import { LEFT, type Place, type Sheet } from './sheet.ts';

const NAME: Place = { x: LEFT, width: 150, size: 9 };
const DETAIL: Place = { ...NAME, size: 7.5 };
const right = (x: number, width: number): Place => ({ x: LEFT + x, width, size: 9, align: 'right' });
const QUANTITY = right(152, 33);
const UNIT_PRICE = right(190, 65);
const SUBTOTAL = right(260, 65);
const RATE = right(330, 38);
const TAX = right(373, 55);
const TOTAL = right(433, 62);
const HEAD_HEIGHT = 18;
const PADDING = 6;

/** Draws the lines of a purchase as a table over as many pages as it takes. @returns where it ends. */
export function drawLines(sheet: Sheet, { lines, currencyCode }: Purchase, top: number): number {
  const start = sheet.room(top, 2 * HEAD_HEIGHT);
  let y = drawHead(sheet, start.y);
  for (const line of lines) {
    const room = sheet.room(y, heightOf(sheet, line));
    y = room.isNew ? drawHead(sheet, room.y) : room.y;
    drawLine(sheet, line, currencyCode, y);
    y += heightOf(sheet, line);
  }
  sheet.rule(y);
  return y;
}

function drawHead(sheet: Sheet, y: number): number {
  const bold = { bold: true };
  sheet.fit('Item', y, { ...NAME, ...bold });
  sheet.fit('Units', y, { ...QUANTITY, ...bold });
  sheet.fit('Unit price', y, { ...UNIT_PRICE, ...bold });
  sheet.fit('Net', y, { ...SUBTOTAL, ...bold });
  sheet.fit('Tax rate', y, { ...RATE, ...bold });
  sheet.fit('Tax', y, { ...TAX, ...bold });
  sheet.fit('Total', y, { ...TOTAL, ...bold });
  sheet.rule(y + HEAD_HEIGHT - PADDING);
  return y + HEAD_HEIGHT;
}

function drawLine(sheet: Sheet, line: PurchaseLine, currencyCode: string, y: number): void {
  const nameHeight = sheet.write(line.productName, y, NAME);
  const detail = detailOf(line);
  if (detail !== '') sheet.write(detail, y + nameHeight, DETAIL);
  sheet.fit(String(line.quantity), y, QUANTITY);
  sheet.fit(formatAmount(line.unitPriceMinor, currencyCode), y, UNIT_PRICE);
  sheet.fit(formatAmount(line.subtotalMinor, currencyCode), y, SUBTOTAL);
  sheet.fit(formatRate(line.taxBasisPoints), y, RATE);
  sheet.fit(formatAmount(line.taxMinor, currencyCode), y, TAX);
  sheet.fit(formatAmount(line.subtotalMinor + line.taxMinor, currencyCode), y, TOTAL);
}

function heightOf(sheet: Sheet, line: PurchaseLine): number {
  const detail = detailOf(line);
  return sheet.heightOf(line.productName, NAME) + (detail === '' ? 0 : sheet.heightOf(detail, DETAIL)) + PADDING;
}

function detailOf({ optionValues, sku }: PurchaseLine): string {
  return [...optionValues, sku].filter((part) => part !== '').join(' · ');
}

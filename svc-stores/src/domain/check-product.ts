import { isCurrentCurrency } from '@malla/chassis/currencies';
import { foldCase } from './fold.ts';
import { AMOUNT_MINOR_MAX, type Price } from './price.ts';
import { normalizedTag, type ProductFields, type Variant, type VariantInput } from './product.ts';
import { invalid, type Violation } from './resource.ts';

const TAG_CHARS_MAX = 50;

/**
 * Checks of a product what the contract's rules cannot.
 * @param known the variants that there are; those that are sent with an id must be among them.
 * @throws DomainError `invalid` (PRODUCT_INVALID) naming every bad field.
 */
export function checkProduct(fields: ProductFields, known: readonly Variant[] = []): void {
  const pricedIn = new Set(known.flatMap(({ prices }) => prices.map(({ currencyCode }) => currencyCode)));
  const faults = [
    ...(fields.name.trim() === '' ? [fault('name', 'must hold a visible character')] : []),
    ...repeats(fields.attributes.map(({ name }) => foldCase(name))).map((at) =>
      fault(`attributes[${at}].name`, 'stands there before, as it is compared without case'),
    ),
    ...fields.tags.flatMap((tag, at) =>
      [...normalizedTag(tag)].length > TAG_CHARS_MAX
        ? [fault(`tags[${at}]`, `is longer than ${TAG_CHARS_MAX} characters in lower case`)]
        : [],
    ),
    ...variantFaults(fields, known),
    ...fields.variants.flatMap(({ prices }, at) =>
      prices.flatMap((price, index) =>
        priceFaults(price, pricedIn).map((text) => fault(`variants[${at}].prices[${index}]`, text)),
      ),
    ),
  ];
  if (faults.length > 0) throw invalid('PRODUCT_INVALID', 'The product breaks a rule.', faults);
}

function variantFaults({ variants, options }: ProductFields, known: readonly Variant[]): Violation[] {
  if (variants.length === 0) return [fault('variants', 'must hold at least one')];
  const ids = new Set(known.map(({ variantId }) => variantId));
  const isForeign = ({ variantId }: VariantInput) => variantId !== '' && !ids.has(variantId);
  const foreign = variants.flatMap((variant, at) => (isForeign(variant) ? [at] : []));
  const odd = variants.flatMap(({ optionValues }, at) => (optionValues.length === options.length ? [] : [at]));
  return [
    ...foreign.map((at) => fault(`variants[${at}].variant_id`, 'is no variant of this product')),
    ...repeats(variants.map(({ variantId }) => variantId).map((id, at) => id || `new ${at}`)).map((at) =>
      fault(`variants[${at}].variant_id`, 'stands there before'),
    ),
    ...odd.map((at) => fault(`variants[${at}].option_values`, `must be ${options.length}, one for each option`)),
    ...repeats(variants.map(({ sku }) => sku)).map((at) => fault(`variants[${at}].sku`, 'stands there before')),
    ...repeats(variants.map(({ optionValues }) => JSON.stringify(optionValues))).map((at) =>
      fault(`variants[${at}].option_values`, 'are those of another variant'),
    ),
  ];
}

/** @param pricedIn currencies that the product had prices in: one that has ended stays, and nothing is sold for it. */
function priceFaults(
  { currencyCode, amountMinor, compareAtMinor, startTime, endTime }: Price,
  pricedIn: ReadonlySet<string>,
): string[] {
  const rules: [boolean, string][] = [
    [!isCurrentCurrency(currencyCode) && !pricedIn.has(currencyCode), 'is in no current money of ISO 4217'],
    [amountMinor < 0n || amountMinor > AMOUNT_MINOR_MAX, `must be from 0 to ${AMOUNT_MINOR_MAX} minor units`],
    [compareAtMinor !== undefined && compareAtMinor <= amountMinor, 'must be below the price to compare it with'],
    [compareAtMinor !== undefined && compareAtMinor > AMOUNT_MINOR_MAX, 'has too large a price to compare it with'],
    [startTime !== undefined && endTime !== undefined && endTime <= startTime, 'must end after it starts'],
  ];
  return rules.filter(([broken]) => broken).map(([, text]) => text);
}

/** Where a value stands that stood before. */
function repeats(values: readonly string[]): number[] {
  return values.flatMap((value, at) => (values.indexOf(value) < at ? [at] : []));
}

function fault(path: string, description: string): Violation {
  return { field: `product.${path}`, reason: 'FIELD_INVALID', description };
}

import { defineEntity, p } from '@mikro-orm/core';
import { Store, type StoreState } from '../domain/store.ts';
import { TypeIdColumn } from './type-id-column.ts';

const time = () => p.datetime(3);
const id = (prefix: string) => p.type(new TypeIdColumn(prefix)).$type<string>();

/**
 * How a store lies in MySQL. What is read by the page or written by the thousand (products, stock, the catalogue) has plain
 * SQL in its repository instead, where each round trip shows. The tables themselves are made by the migrations.
 */
export const storeSchema = defineEntity({
  class: Store,
  tableName: 'stores',
  properties: {
    storeId: id('store').primary(),
    slug: p.string(),
    name: p.string(),
    description: p.text(),
    currencyCode: p.string(),
    countryCode: p.string(),
    contactEmail: p.string(),
    contactPhone: p.string(),
    logoUrl: p.string(),
    legalName: p.string(),
    postalAddress: p.string(),
    taxId: p.string(),
    state: p.string().$type<StoreState>(),
    createTime: time(),
    updateTime: time(),
    version: p.integer().version(),
  },
});

import { testDatabases } from '@malla/chassis/testing/database';
import { openOrm } from '../../src/data/orm.ts';

export const { create: createDatabase, createEmpty: createEmptyDatabase } = testDatabases('transactions', openOrm);

import { join } from 'node:path';
import {
  checkKilledAtRandom,
  checkKilledAtStatements,
  checkOldDatabase,
  type MigratedService,
} from '@malla/chassis/testing/migrations';
import { openOrm } from '../../src/data/orm.ts';
import { createEmptyDatabase } from '../support/database.ts';

const SERVICE: MigratedService = { folder: join(import.meta.dirname, '../..'), openOrm, createEmptyDatabase };

describe('a migration job that is killed', function () {
  this.timeout(300_000);

  it('is continued by the next one, at whatever statement it died', () => checkKilledAtStatements(SERVICE));

  it('is continued by the next one, at random moments', () => checkKilledAtRandom(SERVICE));

  for (const died of ['2026-11-26-catalog', '2026-11-27-search', '2026-12-01-upkeep'])
    it(`is continued where a version without records of steps died in ${died}`, () => checkOldDatabase(SERVICE, died));
});

import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buf, copyContracts } from './support/buf.ts';

/** The last line of `Money`. */
const AMOUNT = 'amount_minor = 2 [(buf.validate.field).required = true];';

describe('buf lint', () => {
  let folder: string;
  beforeEach(() => {
    folder = copyContracts();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const findings = (from: string, to: string): string => {
    const path = join(folder, 'malla/type/v1/money.proto');
    writeFileSync(path, readFileSync(path, 'utf8').replace(from, to));
    try {
      return buf(folder, 'lint');
    } catch (error) {
      return (error as { stdout: string }).stdout;
    }
  };

  it('finds nothing in the contracts as they are', () => {
    assert.equal(findings('', ''), '');
  });

  it('refuses a field without a comment', () => {
    assert.match(findings(AMOUNT, `${AMOUNT}\n  string note = 3;`), /Field "note" should have a non-empty comment/);
  });

  it('refuses a field that is not in lower snake case', () => {
    assert.match(findings(AMOUNT, AMOUNT.replace('amount_minor', 'amountMinor')), /lower_snake_case/);
  });

  it('refuses a pattern that only some engines can read', () => {
    assert.match(findings('"^[A-Z]{3}$"', '"^(?=[A-Z])[A-Z]{3}$"'), /pattern/);
    assert.match(findings('"^[A-Z]{3}$"', '"^([A-Z])\\\\1{2}$"'), /pattern/);
  });

  it('lets no comment silence it', () => {
    const silenced = `${AMOUNT}\n  // buf:lint:ignore COMMENT_FIELD\n  string badName = 3;`;
    assert.match(findings(AMOUNT, silenced), /lower_snake_case/);
  });
});

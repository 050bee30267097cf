import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buf, copyContracts } from './support/buf.ts';

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
    assert.match(
      findings('amount_minor = 2;', 'amount_minor = 2;\n  string note = 3;'),
      /Field "note" should have a non-empty comment/,
    );
  });

  it('refuses a field that is not in lower snake case', () => {
    assert.match(findings('amount_minor = 2;', 'amountMinor = 2;'), /lower_snake_case/);
  });

  it('refuses a pattern that only some engines can read', () => {
    assert.match(findings('"^[A-Z]{3}$"', '"^(?=[A-Z])[A-Z]{3}$"'), /pattern/);
    assert.match(findings('"^[A-Z]{3}$"', '"^([A-Z])\\\\1{2}$"'), /pattern/);
  });

  it('lets no comment silence it', () => {
    const silenced = 'amount_minor = 2;\n  // buf:lint:ignore COMMENT_FIELD\n  string badName = 3;';
    assert.match(findings('amount_minor = 2;', silenced), /lower_snake_case/);
  });
});

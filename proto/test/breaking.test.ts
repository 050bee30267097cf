import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkBreaking } from '../scripts/breaking.ts';
import { copyContracts } from './support/buf.ts';

describe('the breaking check', () => {
  let folder: string;
  const money = () => join(folder, 'malla/type/v1/money.proto');
  const edit = (from: string, to: string) => writeFileSync(money(), readFileSync(money(), 'utf8').replace(from, to));
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], { cwd: folder });

  beforeEach(() => {
    folder = copyContracts();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const commit = (message: string) => {
    git('add', '.');
    git('commit', '-qm', message);
  };

  it('says so when there is nothing to compare with', () => {
    assert.match(checkBreaking(folder), /skipped/);
    git('init', '-q');
    commit('first');
    assert.match(checkBreaking(folder), /skipped/);
  });

  it('refuses a changed field number, compared with the commit before', () => {
    git('init', '-q');
    commit('first');
    edit('currency_code = 1', 'currency_code = 3');
    assert.throws(() => checkBreaking(folder), /currency_code/);
    commit('second');
    assert.throws(() => checkBreaking(folder), /currency_code/);
  });

  it('compares with the newest tag once there is one', () => {
    git('init', '-q');
    commit('first');
    git('tag', 'proto/v1.0.0');
    edit('optional int64 amount_minor = 2 ', '// A note.\n  string note = 3;\n  optional int64 amount_minor = 2 ');
    commit('adds a field');
    assert.match(checkBreaking(folder), /nothing, compared with proto\/v1.0.0/);
    edit('optional int64 amount_minor = 2 ', 'optional string amount_minor = 2 ');
    commit('changes a type');
    assert.throws(() => checkBreaking(folder), /proto\/v1.0.0[\s\S]*amount_minor/);
  });
});

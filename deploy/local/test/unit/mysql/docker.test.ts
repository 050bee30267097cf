import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { stateIn } from '../../../src/mesh/state.ts';
import { dockerCommand } from '../../../src/mysql/docker.ts';
import { put, tempDir } from '../../temp-dir.ts';

describe('dockerCommand', () => {
  it('publishes on this machine only, keeps the data in the state directory and the passwords off the command line', async () => {
    const { signal } = new AbortController();
    const state = stateIn(tempDir());
    const docker = {
      kind: 'docker',
      command: put(tempDir(), 'docker', '#!/bin/sh\n', 0o755),
      version: 'mysql:8.4',
    } as const;
    const passwords = { rootPassword: 'root-secret', password: 'user-secret' };
    const options = {
      toolsDir: tempDir(),
      state,
      owner: 'svc-x',
      database: 'svc_x',
      flags: ['--a-flag'],
      signal,
      ...passwords,
    };
    const { args } = await dockerCommand(docker, options, 3307);
    const line = args.join(' ');
    assert.match(line, /^run --rm --name malla-[0-9a-f]{8}-svc-x /);
    assert.match(line, / --publish 127\.0\.0\.1:3307:3306 /);
    assert.ok(line.includes(` --volume ${state.dir}/mysql/svc-x/data:/var/lib/mysql `));
    assert.doesNotMatch(line, /secret/);
    const envFile = join(state.mysqlDir('svc-x'), 'docker.env');
    assert.match(readFileSync(envFile, 'utf8'), /^MYSQL_PASSWORD=user-secret$/m);
    assert.equal(statSync(envFile).mode & 0o777, 0o600);
  });
});

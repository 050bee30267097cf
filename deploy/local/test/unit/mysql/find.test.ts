import assert from 'node:assert/strict';
import { findMysql, isRecentMysql } from '../../../src/mysql/find.ts';
import { put, tempDir } from '../../temp-dir.ts';

const { signal } = new AbortController();
const MYSQL_8_4 = 'mysqld  Ver 8.4.6 for Linux on x86_64 (MySQL Community Server - GPL)';
const MARIADB = 'mysqld  Ver 11.8.2-MariaDB-1 for debian-linux-gnu on x86_64 (Debian)';
const SCRIPT_MODE = 0o755;

const program = (dir: string, name: string, script: string): string =>
  put(dir, name, `#!/bin/sh\n${script}\n`, SCRIPT_MODE);

/** A machine with these programs, packages of which there is nothing to fetch, and nothing else. */
const machine = (programs: Record<string, string>, packages?: string) => {
  const dir = tempDir();
  const toolsDir = tempDir();
  for (const [name, script] of Object.entries(programs)) program(dir, name, script);
  if (packages !== undefined) {
    program(toolsDir, 'mysql/bin/mysqld', `echo '${packages}'`);
    put(toolsDir, 'mysql/VERSION', packages);
  }
  return { toolsDir, env: { PATH: `/no/such/folder::${dir}` }, signal };
};

describe('isRecentMysql', () => {
  const cases: readonly [string, boolean][] = [
    [MYSQL_8_4, true],
    ['/usr/sbin/mysqld  Ver 9.7.4-2 for Linux on x86_64 ((Debian))', true],
    ['mysqld  Ver 8.0.42-0ubuntu0 for Linux on x86_64 ((Ubuntu))', false],
    ['mysqld  Ver 8.3.0 for Linux', false],
    ['mysqld  Ver 5.7.44 for Linux', false],
    [MARIADB, false],
    ['Segmentation fault', false],
  ];
  for (const [line, expected] of cases)
    it(`${expected ? 'takes' : 'refuses'} ${line}`, () => assert.equal(isRecentMysql(line), expected));
});

describe('findMysql', () => {
  it('takes a server on PATH before all others', async () => {
    const found = await findMysql(machine({ mysqld: `echo '${MYSQL_8_4}'`, docker: 'exit 0' }, MYSQL_8_4));
    assert.equal(found.kind, 'path');
    assert.equal(found.version, MYSQL_8_4);
  });

  it('takes a Docker engine that has the image where PATH has only MariaDB', async () => {
    const found = await findMysql(machine({ mysqld: `echo '${MARIADB}'`, docker: 'exit 0' }, MYSQL_8_4));
    assert.equal(found.kind, 'docker');
  });

  it('pulls the image where the engine has not got it', async () => {
    const docker = 'case "$1 $2" in "image inspect") exit 1;; "pull --quiet") [ "$3" = mysql:8.4 ];; esac';
    assert.equal((await findMysql(machine({ docker }))).kind, 'docker');
  });

  it('takes the packages where no engine runs or the image cannot be had', async () => {
    for (const docker of ['exit 1', 'case $1 in version) exit 0;; *) exit 1;; esac']) {
      assert.equal((await findMysql(machine({ docker }, MYSQL_8_4))).kind, 'packages');
    }
  });

  it('takes first what made the data that is there', async () => {
    const here = machine({ mysqld: `echo '${MYSQL_8_4}'` }, MYSQL_8_4);
    assert.equal((await findMysql({ ...here, prefer: 'packages' })).kind, 'packages');
  });

  it('says in one line what to install where nothing is to be had', async () => {
    await assert.rejects(findMysql(machine({})), /^Error: MySQL is missing: put mysqld 8.4 or newer on PATH/);
  });

  it('says why the packages could not be fetched', async () => {
    const programs = { 'apt-get': 'exit 1', 'dpkg-deb': 'exit 0' };
    const here = machine({ ...programs, bash: "echo 'apt-get update of sid failed: no network' >&2; exit 1" });
    const path = process.env.PATH;
    process.env.PATH = here.env.PATH;
    try {
      await assert.rejects(findMysql(here), /could not be had from Debian's packages: apt-get update of sid failed/);
    } finally {
      process.env.PATH = path;
    }
  });
});

/** Memory and files of a server that has one developer, not a thousand; none is read or written by SQL. */
export const SMALL: readonly string[] = [
  '--innodb-buffer-pool-size=64M',
  '--innodb-redo-log-capacity=16M',
  '--performance-schema=OFF',
  '--disable-log-bin',
  '--mysqlx=OFF',
  '--secure-file-priv=NULL',
];

/** What production has too: a commit that was answered survives a crash of the machine. */
export const DURABLE: readonly string[] = ['--innodb-flush-log-at-trx-commit=1'];

/** For tests, whose data nobody wants back after a crash. */
export const THROWAWAY: readonly string[] = ['--innodb-flush-log-at-trx-commit=0', '--innodb-doublewrite=OFF'];

/** For tests that look at who waits for which lock; it takes 250 MB. */
export const WITH_PERFORMANCE_SCHEMA = '--performance-schema=ON';

/** mysqld refuses to run as root unless told so. */
export const ONLY_WHEN_ROOT: readonly string[] = process.getuid?.() === 0 ? ['--user=root'] : [];

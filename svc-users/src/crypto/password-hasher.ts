import { createCapacity } from '@malla/chassis/load-shedding';
import { hash, verify } from '@node-rs/argon2';
import type { PasswordHasher } from '../domain/ports.ts';

/** What a hash costs. */
export interface HashingCost {
  readonly memoryKib: number;
  readonly passes: number;
}

/** Measured: about 75 ms on one core of the machine in `deploy/bench/README.md`. OWASP asks for 19 MiB and 2 passes. */
const COST: HashingCost = { memoryKib: 65_536, passes: 3 };
/** argon2id is 2 in this library, whose enum is a `const enum` that Node cannot import. */
const ARGON2ID = 2;
/** How many passwords may be hashed or wait for it. Each takes 64 MiB while it runs, in one of libuv's four threads. */
const CONCURRENT_MAX = 32;

/** Hashes passwords by argon2id (RFC 9106). */
export async function createPasswordHasher({ memoryKib, passes }: HashingCost = COST): Promise<PasswordHasher> {
  const parameters = { algorithm: ARGON2ID, memoryCost: memoryKib, timeCost: passes, parallelism: 1 } as const;
  const prefix = `$argon2id$v=19$m=${memoryKib},t=${passes},p=1$`;
  const nobody = await hash('a password that nobody has', parameters);

  const capacity = createCapacity(CONCURRENT_MAX);
  const limited = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    capacity.take();
    try {
      return await work();
    } finally {
      capacity.give();
    }
  };
  return {
    hash: (password) => limited(() => hash(password.normalize('NFC'), parameters)),
    check: (stored, password) =>
      limited(async () => {
        const plain = password.normalize('NFC');
        // An outdated hash may be cheaper to compare. Making the new one at the same time hides that from a stopwatch.
        const outdated = typeof stored === 'string' && !stored.startsWith(prefix);
        const [matches, renewed] = await Promise.all([
          verify(stored ?? nobody, plain),
          outdated ? hash(plain, parameters) : stored,
        ]);
        return matches ? (renewed ?? undefined) : undefined;
      }),
  };
}

type Cleanup = () => void | Promise<void>;

const cleanups: Cleanup[] = [];

/** Runs `cleanup` when the test that runs now has ended, last come first. */
export function afterThisTest(cleanup: Cleanup): void {
  cleanups.push(cleanup);
}

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

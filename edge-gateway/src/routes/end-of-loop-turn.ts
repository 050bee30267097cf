let lot: Promise<void> | undefined;

/**
 * Waits until everything that has arrived in this turn of the event loop is read. Calls that are made together share the
 * frames, the encryption and the system call of one write, which for a single small call are most of what it costs.
 */
export function endOfLoopTurn(): Promise<void> {
  lot ??= new Promise((resolve) => {
    setImmediate(() => {
      lot = undefined;
      resolve();
    });
  });
  return lot;
}

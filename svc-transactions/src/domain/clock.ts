/** The time, as a port, so that tests can move it. */
export interface Clock {
  now(): Date;
}

/** `time` moved by `ms` milliseconds. */
export function plus(time: Date, ms: number): Date {
  return new Date(time.getTime() + ms);
}

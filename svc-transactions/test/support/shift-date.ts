/** Preloaded with `--import`: the process then has a clock that is `SHIFT_DATE_MS` milliseconds ahead of the machine's. */
const RealDate = Date;
const shiftMs = Number(process.env.SHIFT_DATE_MS);

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [RealDate.now() + shiftMs] : args, newTarget) as Date,
  get: (target, name, receiver) =>
    name === 'now' ? () => RealDate.now() + shiftMs : Reflect.get(target, name, receiver),
});

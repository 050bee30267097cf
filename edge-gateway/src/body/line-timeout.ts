import { HttpProblem } from '../problems/problem.ts';

/** The longest wait for each line of a body. */
const LINE_TIMEOUT_MS = 30_000;

/**
 * Passes lines on as they come. The time that their reader takes is not the client's.
 * @throws HttpProblem 408 (REQUEST_TIMEOUT) when the next line, or the end, takes longer than `timeoutMs`.
 */
export async function* withLineTimeout<Line>(
  lines: AsyncIterable<Line>,
  timeoutMs = LINE_TIMEOUT_MS,
): AsyncGenerator<Line> {
  const source = lines[Symbol.asyncIterator]();
  try {
    for (let next = await inTime(source.next(), timeoutMs); !next.done; next = await inTime(source.next(), timeoutMs)) {
      yield next.value;
    }
  } finally {
    // Not awaited: behind a line that never comes, it would never end.
    void source.return?.().catch(() => undefined);
  }
}

async function inTime<Result>(step: Promise<Result>, timeoutMs: number): Promise<Result> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const refuse = () => reject(new HttpProblem(408, 'REQUEST_TIMEOUT', 'The next line did not arrive in time.'));
  const timer = setTimeout(refuse, timeoutMs);
  return Promise.race([step, late]).finally(() => clearTimeout(timer));
}

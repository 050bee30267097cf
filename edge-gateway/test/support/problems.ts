import assert from 'node:assert/strict';

interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

export interface ProblemBody {
  readonly reason: string;
  readonly detail: string;
  readonly error_count?: number;
  readonly errors?: readonly { readonly field: string; readonly reason: string; readonly message: string }[];
}

/** Asserts that an answer is problem details (RFC 9457) as every failure has them. */
export function assertProblem(answer: Answer, status: number, reason?: string): ProblemBody {
  assert.equal(answer.statusCode, status, answer.body);
  assert.equal(answer.headers['content-type'], 'application/problem+json; charset=utf-8');
  assert.equal(answer.headers['cache-control'], 'no-store');
  const problem = JSON.parse(answer.body);
  assert.equal(problem.type, 'about:blank');
  assert.equal(problem.status, status);
  assert.match(problem.title, /^[A-Z]/);
  assert.match(problem.detail, /\.$/);
  assert.match(problem.reason, /^[A-Z][A-Z0-9_]+$/);
  assert.equal(problem.request_id, answer.headers['x-request-id']);
  if (reason !== undefined) assert.equal(problem.reason, reason);
  return problem;
}

/** The faults of a problem as `field REASON`. */
export function faultsOf({ errors = [] }: ProblemBody): string[] {
  return errors.map(({ field, reason }) => `${field} ${reason}`);
}

import { z } from 'zod';

/** Reads a body as JSON. @throws Error that shows nothing of the body. */
export function readJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new Error('the body is not JSON');
  }
}

/** Reads what somebody else wrote, by schemas. @throws Error in words for people when it has another form. */
export function legibly<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    throw error instanceof z.ZodError ? new Error(`another form: ${z.prettifyError(error)}`) : error;
  }
}

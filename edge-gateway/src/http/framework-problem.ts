import { HttpProblem } from './problem.ts';

/** What Fastify's own refusals are called, by its error code. */
const REFUSALS: Readonly<Record<string, readonly [statusCode: number, reason: string, detail: string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: [413, 'BODY_TOO_LARGE', 'The body is larger than 1 MiB.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415, 'MEDIA_TYPE_UNSUPPORTED', 'The body must be application/json.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [400, 'CONTENT_LENGTH_WRONG', 'The body is not as long as Content-Length says.'],
  FST_ERR_BAD_URL: [400, 'PATH_MALFORMED', 'The path is malformed.'],
};

/** A refusal of Fastify as a problem; undefined for what is no refusal of a request. */
export function frameworkProblem(error: unknown): HttpProblem | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, statusCode } = error as Error & { readonly code?: string; readonly statusCode?: number };
  const refusal = REFUSALS[code ?? ''];
  if (refusal) return new HttpProblem(...refusal);
  if (statusCode === undefined || statusCode < 400 || statusCode > 499) return undefined;
  return new HttpProblem(statusCode, 'REQUEST_MALFORMED', 'The request is malformed.');
}

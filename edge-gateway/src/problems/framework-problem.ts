import { HttpProblem, pathMalformed } from './problem.ts';

/** The reasons of Fastify's own refusals, by its error code. */
const REFUSALS: Readonly<Record<string, readonly [statusCode: number, reason: string, detail: string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: [413, 'BODY_TOO_LARGE', 'The body is larger than 1 MiB.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [400, 'CONTENT_LENGTH_WRONG', 'The body is not as long as Content-Length says.'],
};

/** A refusal of Fastify as a problem; undefined for what is no refusal of a request. @param bodyType what the route takes. */
export function frameworkProblem(error: unknown, bodyType: string): HttpProblem | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, statusCode } = error as Error & { readonly code?: string; readonly statusCode?: number };
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return mediaTypeUnsupported(bodyType);
  if (code === 'FST_ERR_BAD_URL') return pathMalformed();
  const refusal = REFUSALS[code ?? ''];
  if (refusal) return new HttpProblem(...refusal);
  if (statusCode === undefined || statusCode < 400 || statusCode > 499) return undefined;
  return new HttpProblem(statusCode, 'REQUEST_MALFORMED', 'The request is malformed.');
}

function mediaTypeUnsupported(bodyType: string): HttpProblem {
  const words = bodyType === '*/*' ? 'The body must name its media type.' : `The body must be ${bodyType}.`;
  return new HttpProblem(415, 'MEDIA_TYPE_UNSUPPORTED', words);
}

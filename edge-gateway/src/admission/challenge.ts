const REALM = 'malla';

/** The `WWW-Authenticate` of a request that gave no proof (RFC 6750, section 3). */
export function plainChallenge(): string {
  return `Bearer realm="${REALM}"`;
}

/** The `WWW-Authenticate` of a request whose proof does not do (RFC 6750, section 3.1). */
export function errorChallenge(error: 'invalid_token' | 'insufficient_scope', description: string, scope = ''): string {
  const parts = [`realm="${REALM}"`, `error="${error}"`, `error_description="${quotable(description)}"`];
  if (scope) parts.push(`scope="${quotable(scope)}"`);
  return `Bearer ${parts.join(', ')}`;
}

/** Without what an `error_description` may not have (RFC 6750, section 3). */
function quotable(text: string): string {
  return text.replaceAll('’', "'").replace(/[^\x20-\x7e]|["\\]/g, ' ');
}

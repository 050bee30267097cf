import { DomainError } from '@malla/chassis/errors';
import type { UnaryHandler } from '@malla/chassis/unary';
import type { ResolveCallerRequest, ResolveCallerResponse } from '@malla/proto/malla/users/v1/users_service';

/** By the time the handler runs, the wrapper has verified the token and resolved its user. */
export function resolveCallerHandler(): UnaryHandler<ResolveCallerRequest, ResolveCallerResponse> {
  return async (_request, { user }) => {
    if (user) return { userId: user.userId };
    throw new DomainError('unauthenticated', 'TOKEN_MISSING', 'No user’s token came with the call.');
  };
}

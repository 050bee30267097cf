import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type { RevokeSessionRequest, RevokeSessionResponse } from '@malla/proto/malla/users/v1/users_service';
import { revokeSession, type SessionsOfUserDeps } from '../domain/sessions-of-user.ts';

export function revokeSessionHandler(
  deps: SessionsOfUserDeps,
): UnaryHandler<RevokeSessionRequest, RevokeSessionResponse> {
  return async ({ sessionId }, call) => {
    await revokeSession(userOf(call).userId, sessionId, deps);
    return {};
  };
}

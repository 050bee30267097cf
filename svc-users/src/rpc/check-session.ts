import type { UnaryHandler } from '@malla/chassis/unary';
import type { CheckSessionRequest, CheckSessionResponse } from '@malla/proto/malla/users/v1/users_service';
import type { Clock } from '../domain/clock.ts';
import type { Sessions } from '../domain/ports.ts';

export function checkSessionHandler(deps: {
  sessions: Sessions;
  clock: Clock;
}): UnaryHandler<CheckSessionRequest, CheckSessionResponse> {
  return async ({ sessionId }) => ({ active: await deps.sessions.isLive(sessionId, deps.clock.now()) });
}

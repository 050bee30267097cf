import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type { ListSessionsRequest, ListSessionsResponse } from '@malla/proto/malla/users/v1/users_service';
import { listSessions, type SessionsOfUserDeps } from '../domain/sessions-of-user.ts';
import { fromPageToken, toPageToken, toSessionMessage } from './mapper.ts';

export function listSessionsHandler(deps: SessionsOfUserDeps): UnaryHandler<ListSessionsRequest, ListSessionsResponse> {
  return async ({ pageSize, pageToken }, call) => {
    const { userId, sessionId } = userOf(call);
    const page = await listSessions(userId, pageSize, fromPageToken(pageToken), deps);
    const sessions = page.sessions.map((session) => toSessionMessage(session, sessionId));
    return { sessions, nextPageToken: toPageToken(page.next) };
  };
}

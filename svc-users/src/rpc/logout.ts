import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type { LogoutRequest, LogoutResponse } from '@malla/proto/malla/users/v1/users_service';
import { type LogOutDeps, logOut } from '../domain/log-out.ts';

export function logoutHandler(deps: LogOutDeps): UnaryHandler<LogoutRequest, LogoutResponse> {
  return async ({ refreshToken }, call) => {
    await logOut(userOf(call), refreshToken, deps);
    return {};
  };
}

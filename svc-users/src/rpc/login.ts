import type { UnaryHandler } from '@malla/chassis/unary';
import type { LoginRequest, LoginResponse } from '@malla/proto/malla/users/v1/users_service';
import { type LogInDeps, logIn } from '../domain/log-in.ts';
import { toTokenResponse } from './mapper.ts';

export function loginHandler(deps: LogInDeps): UnaryHandler<LoginRequest, LoginResponse> {
  return async (request, call) => toTokenResponse(await logIn(request, call.origin, deps));
}

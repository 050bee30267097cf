import type { UnaryHandler } from '@malla/chassis/unary';
import type { RegisterUserRequest, RegisterUserResponse } from '@malla/proto/malla/users/v1/users_service';
import { type RegisterUserDeps, registerUser } from '../domain/register-user.ts';
import { toTokenResponse } from './mapper.ts';

export function registerUserHandler(deps: RegisterUserDeps): UnaryHandler<RegisterUserRequest, RegisterUserResponse> {
  return async (request, call) => toTokenResponse(await registerUser(request, call.origin, deps));
}

import type { UnaryHandler } from '@malla/chassis/unary';
import type { RefreshTokenRequest, RefreshTokenResponse } from '@malla/proto/malla/users/v1/users_service';
import { type RefreshSessionDeps, refreshSession } from '../domain/refresh-session.ts';
import { toTokenResponse } from './mapper.ts';

export function refreshTokenHandler(deps: RefreshSessionDeps): UnaryHandler<RefreshTokenRequest, RefreshTokenResponse> {
  return async ({ refreshToken }, { origin }) =>
    toTokenResponse(await refreshSession(refreshToken, origin.address, deps));
}

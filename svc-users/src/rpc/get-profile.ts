import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type { GetProfileRequest, GetProfileResponse } from '@malla/proto/malla/users/v1/users_service';
import { type GetProfileDeps, getProfile } from '../domain/get-profile.ts';
import { toUserMessage } from './mapper.ts';

export function getProfileHandler(deps: GetProfileDeps): UnaryHandler<GetProfileRequest, GetProfileResponse> {
  return async (_request, call) => ({ user: toUserMessage(await getProfile(userOf(call).userId, deps)) });
}

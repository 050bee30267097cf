import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import { User as UserMessage } from '@malla/proto/malla/users/v1/user';
import type { UpdateProfileRequest, UpdateProfileResponse } from '@malla/proto/malla/users/v1/users_service';
import { type UpdateProfileDeps, updateProfile } from '../domain/update-profile.ts';
import { toUserMessage } from './mapper.ts';

export function updateProfileHandler(
  deps: UpdateProfileDeps,
): UnaryHandler<UpdateProfileRequest, UpdateProfileResponse> {
  return async ({ user, updateMask }, call) => {
    const updated = await updateProfile(userOf(call).userId, user ?? UserMessage.create(), updateMask ?? [], deps);
    return { user: toUserMessage(updated) };
  };
}

import { userOf } from '@malla/chassis/context';
import type { UnaryHandler } from '@malla/chassis/unary';
import type { ChangePasswordRequest, ChangePasswordResponse } from '@malla/proto/malla/users/v1/users_service';
import { type ChangePasswordDeps, changePassword } from '../domain/change-password.ts';

export function changePasswordHandler(
  deps: ChangePasswordDeps,
): UnaryHandler<ChangePasswordRequest, ChangePasswordResponse> {
  return async (request, call) => {
    const { userId, sessionId } = userOf(call);
    await changePassword({ userId, sessionId, address: call.origin.address }, request, deps);
    return {};
  };
}

import type { UnaryHandler } from '@malla/chassis/unary';
import type { CheckUserRequest, CheckUserResponse } from '@malla/proto/malla/users/v1/users_service';
import type { Users } from '../domain/ports.ts';

export function checkUserHandler(deps: { users: Users }): UnaryHandler<CheckUserRequest, CheckUserResponse> {
  return async ({ userId }) => {
    const user = await deps.users.read(userId);
    return { exists: user !== undefined, displayName: user?.displayName ?? '', email: user?.email ?? '' };
  };
}

import { type Implementation, implement } from '@malla/chassis/implementation';
import { UsersServiceService } from '@malla/proto/malla/users/v1/users_service';
import type { ChangePasswordDeps } from '../domain/change-password.ts';
import type { Keyring } from '../domain/keyring.ts';
import type { LogInDeps } from '../domain/log-in.ts';
import type { Takeovers } from '../domain/ports.ts';
import type { RegisterUserDeps } from '../domain/register-user.ts';
import { changePasswordHandler } from './change-password.ts';
import { checkSessionHandler } from './check-session.ts';
import { checkUserHandler } from './check-user.ts';
import { getJwksHandler } from './get-jwks.ts';
import { getOpenIdConfigurationHandler } from './get-open-id-configuration.ts';
import { getProfileHandler } from './get-profile.ts';
import { listSessionsHandler } from './list-sessions.ts';
import { listTakeoversHandler } from './list-takeovers.ts';
import { loginHandler } from './login.ts';
import { logoutHandler } from './logout.ts';
import { refreshTokenHandler } from './refresh-token.ts';
import { registerUserHandler } from './register-user.ts';
import { resolveCallerHandler } from './resolve-caller.ts';
import { revokeSessionHandler } from './revoke-session.ts';
import { updateProfileHandler } from './update-profile.ts';

/** Everything that some handler needs. */
export type Deps = RegisterUserDeps &
  LogInDeps &
  ChangePasswordDeps & { keyring: Keyring; issuer: string; takeovers: Takeovers };

/** The handlers of UsersService, one file each. */
export function usersService(deps: Deps): Implementation {
  return implement(UsersServiceService, {
    registerUser: registerUserHandler(deps),
    login: loginHandler(deps),
    refreshToken: refreshTokenHandler(deps),
    logout: logoutHandler(deps),
    getProfile: getProfileHandler(deps),
    updateProfile: updateProfileHandler(deps),
    changePassword: changePasswordHandler(deps),
    listSessions: listSessionsHandler(deps),
    revokeSession: revokeSessionHandler(deps),
    checkSession: checkSessionHandler(deps),
    checkUser: checkUserHandler(deps),
    listTakeovers: listTakeoversHandler(deps),
    resolveCaller: resolveCallerHandler(),
    getJwks: getJwksHandler(deps),
    getOpenIdConfiguration: getOpenIdConfigurationHandler(deps),
  });
}

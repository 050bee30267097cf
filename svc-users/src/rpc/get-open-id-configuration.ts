import type { UnaryHandler } from '@malla/chassis/unary';
import type {
  GetOpenIdConfigurationRequest,
  GetOpenIdConfigurationResponse,
} from '@malla/proto/malla/users/v1/users_service';

/** The discovery document of an issuer that has no authorization endpoint: apps log in by the API. */
export function getOpenIdConfigurationHandler({
  issuer,
}: {
  issuer: string;
}): UnaryHandler<GetOpenIdConfigurationRequest, GetOpenIdConfigurationResponse> {
  const base = issuer.replace(/\/$/, '');
  return async () => ({
    issuer,
    jwksUri: `${base}/.well-known/jwks.json`,
    tokenEndpoint: `${base}/v1/users/refresh`,
    userinfoEndpoint: `${base}/v1/users/me`,
    responseTypesSupported: [],
    subjectTypesSupported: ['public'],
    idTokenSigningAlgValuesSupported: ['ES256'],
    grantTypesSupported: ['refresh_token'],
    claimsSupported: ['iss', 'sub', 'aud', 'exp', 'iat', 'jti', 'client_id', 'sid', 'permissions'],
  });
}

import type { AuthMethodName } from '../../../../kong/openid-connect/config.js'
import type { AuthMethod } from '../types.js'
import { authorizationCode } from './authorization-code.js'
import { bearer } from './bearer.js'
import { clientCredentials } from './client-credentials.js'
import { introspection } from './introspection.js'
import { kongOauth2 } from './kong-oauth2.js'
import { password } from './password.js'
import { refreshToken } from './refresh-token.js'
import { session } from './session.js'
import { userinfo } from './userinfo.js'

/** Every way to authenticate, in Kong's fixed order: the order of `auth_methods` in a document means nothing. */
export const METHODS = {
  session,
  bearer,
  kong_oauth2: kongOauth2,
  introspection,
  userinfo,
  refresh_token: refreshToken,
  password,
  client_credentials: clientCredentials,
  authorization_code: authorizationCode,
} satisfies Record<AuthMethodName, AuthMethod>

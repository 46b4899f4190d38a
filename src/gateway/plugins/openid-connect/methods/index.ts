import type { AuthMethodName } from '../../../../kong/openid-connect/config.js'
import type { AuthMethod } from '../types.js'
import { bearer } from './bearer.js'
import { clientCredentials } from './client-credentials.js'
import { introspection } from './introspection.js'
import { kongOauth2 } from './kong-oauth2.js'
import { password } from './password.js'
import { refreshToken } from './refresh-token.js'
import { userinfo } from './userinfo.js'

/** Stands in for a method that has no code of its own here. */
const absent = (name: AuthMethodName): AuthMethod => ({ name, authenticate: () => ({ kind: 'absent' }) })

/** Every way to authenticate, in Kong's fixed order: the order of `auth_methods` in a document means nothing. */
export const METHODS = {
  session: absent('session'),
  bearer,
  kong_oauth2: kongOauth2,
  introspection,
  userinfo,
  refresh_token: refreshToken,
  password,
  client_credentials: clientCredentials,
  authorization_code: absent('authorization_code'),
} satisfies Record<AuthMethodName, AuthMethod>

import type { GrantType } from '../../profile/profile.js'
import { authorizationCode } from './authorization-code.js'
import { clientCredentials } from './client-credentials.js'
import type { Grant } from './grant.js'
import { password } from './password.js'
import { refreshToken } from './refresh-token.js'
import { unsupported } from './unsupported.js'

export const GRANTS = {
  authorization_code: authorizationCode,
  client_credentials: clientCredentials,
  implicit: unsupported('implicit'),
  password,
  refresh_token: refreshToken,
  'urn:ietf:params:oauth:grant-type:device_code': unsupported('device_code'),
  'urn:ietf:params:oauth:grant-type:jwt-bearer': unsupported('jwt-bearer'),
  'urn:ietf:params:oauth:grant-type:token-exchange': unsupported('token-exchange'),
} satisfies Record<GrantType, Grant>

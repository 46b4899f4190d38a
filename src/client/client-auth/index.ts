import type { ClientAuthMethod } from '../../profile/profile.js'
import type { ClientAuthFactory } from './client-auth.js'
import { clientSecretBasicRaw } from './client-secret-basic-raw.js'
import { clientSecretBasic } from './client-secret-basic.js'
import { clientSecretJwt } from './client-secret-jwt.js'
import { clientSecretPost } from './client-secret-post.js'
import { none } from './none.js'
import { privateKeyJwt } from './private-key-jwt.js'
import { tlsClientAuth } from './tls-client-auth.js'

export const CLIENT_AUTH = {
  client_secret_basic: clientSecretBasic,
  client_secret_basic_raw: clientSecretBasicRaw,
  client_secret_post: clientSecretPost,
  client_secret_jwt: clientSecretJwt,
  private_key_jwt: privateKeyJwt,
  tls_client_auth: tlsClientAuth,
  self_signed_tls_client_auth: tlsClientAuth,
  none,
} satisfies Record<ClientAuthMethod, ClientAuthFactory>
